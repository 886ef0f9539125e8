"""What becomes of coaching sessions when a person is erased or is in the roster twice, and when
records have had their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.access.erasures import AFTER_HOLD
from services.chassis.crash_points import Crashed, crashing
from services.chassis.write.ids import id_after
from services.chassis.write.memory_documents import MemoryDocuments
from services.ctl.demo.district import teacher_id
from tests.component.programs.test_coaching_sessions import HELD, LIST, wire
from tests.component.test_erasures import (
    ADMIN,
    BYSTANDER,
    CANARY,
    COACH,
    HER,
    ORDER,
    WHY,
    Erased,
    erased_for_good,
)
from tests.component.test_retention import DAYS, GONE, LAST, Keeping
from tests.support.twice import NEW, OLD, Twice


async def held(erased: Erased, *teachers: str, **more: Any) -> str:
    """Held and summarized, with the canary in what was written and put right."""
    at = wire(erased.platform.clock.now())
    asked = {"teacher_ids": teachers, "starts_at": at, **more}
    made = await erased.people.post(COACH, LIST, asked)
    path = f"{LIST}/{made['coaching_session_id']}"
    await erased.people.post(COACH, f"{path}/hold", HELD)
    await erased.people.post(COACH, f"{path}/summarize", {"summary": CANARY})
    right = {"materials_unit": "unit-4", "reason": CANARY}
    await erased.people.post(COACH, f"{path}/correct", right)
    return str(made["coaching_session_id"])


async def listed(erased: Erased, who: str, query: str = "") -> list[Any]:
    found: list[Any] = (await erased.get(who, f"{LIST}?{query}"))["coaching_sessions"]
    return found


@pytest.fixture
async def erased() -> Erased:
    return await Erased().begin()


async def test_what_is_about_her_is_erased_and_others_keep_what_they_had_with_her(
    erased: Erased,
) -> None:
    alone, both = await held(erased, HER), await held(erased, HER, BYSTANDER, kind="group")
    await erased.platform.settle()
    assert len(await listed(erased, HER)) == 2
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 3)  # a relationship, two sessions
    for id_ in (alone, both):
        await erased_for_good(erased, "programs", id_)
        assert await erased.status(COACH, f"{LIST}/{id_}") == 404
    (kept,) = await listed(erased, BYSTANDER)
    assert kept["coaching_session_id"] not in (alone, both)
    assert (kept["minutes"], kept["state"], kept["materials_unit"]) == (60, "summarized", "unit-4")
    assert [each["teacher_id"] for each in kept["teachers"]] == [BYSTANDER]
    journal = erased.platform.services["programs"].backing.journal
    entries = await journal.read("north", None, "", 10_000, kept["coaching_session_id"])
    assert entries
    assert all(HER.encode() not in each.event.data for each in entries)
    told = await erased.get(BYSTANDER, f"/insights/v1/timeline?teacher_id={BYSTANDER}")
    sessions = [each["item_id"] for each in told["items"] if each["kind"] == "coaching_session"]
    assert sessions == [kept["coaching_session_id"]]
    await erased.later()
    assert [each["version"] for each in await listed(erased, BYSTANDER)] == [1]


async def test_of_who_is_under_a_legal_hold_the_whole_past_stays(erased: Erased) -> None:
    """Also that whoever shared it with her was there, whom it is ordered to erase: she leaves it
    when the hold has ended, and nothing goes that was said."""
    held_by = f"/privacy/v1/erasures/{BYSTANDER}/hold"
    (await erased.send(ADMIN, held_by, {"reason": "A lawsuit."})).raise_for_status()
    clock, people = erased.platform.clock, erased.people
    plans = [wire(clock.now() - timedelta(hours=each)) for each in (3, 2, 1)]
    asked = {"teacher_ids": [HER, BYSTANDER], "kind": "group", "starts_at": plans[0]}
    made = await people.post(COACH, LIST, asked)
    path = f"{LIST}/{made['coaching_session_id']}"
    async with erased.platform.client("programs", f"north/{COACH}") as client:
        (await client.patch(path, json={"starts_at": plans[1]})).raise_for_status()
    await people.post(COACH, f"{path}/hold", {**HELD, "held_at": plans[2]})
    await people.post(COACH, f"{path}/summarize", {"summary": "Wait time"})
    for unit in ("unit-4", "unit-5"):
        await people.post(COACH, f"{path}/correct", {"materials_unit": unit, "reason": "So"})
    before = await erased.get(BYSTANDER, path)
    assert [each["starts_at"] for each in before["plans"]] == plans[:2]
    assert len(before["corrections"]) == 2
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    for _ in range(2):  # it is pending first
        assert (await erased.carry_out())["state"] == "under_way"
    assert await erased.get(BYSTANDER, path) == before
    (await erased.send(ADMIN, held_by.replace("hold", "release"), WHY)).raise_for_status()
    await erased.platform.settle()
    clock.forward(seconds=AFTER_HOLD.total_seconds())
    assert (await erased.carry_out())["state"] == "done"
    (kept,) = await listed(erased, BYSTANDER)
    after = await erased.get(BYSTANDER, f"{LIST}/{kept['coaching_session_id']}")
    differ = {each for each in before if after[each] != before[each]}
    assert differ == {"coaching_session_id", "teachers", "version", "corrections"}
    for was, one in zip(before["corrections"], after["corrections"], strict=True):
        assert one == {**was, "attended": 1}


async def test_what_she_was_asked_to_and_did_not_come_to_says_nothing_of_her_any_more(
    erased: Erased,
) -> None:
    at = wire(erased.platform.clock.now())
    asked = {"teacher_ids": [HER, BYSTANDER], "kind": "workshop", "starts_at": at}
    made = await erased.people.post(COACH, LIST, asked)
    id_ = str(made["coaching_session_id"])
    await erased.people.post(COACH, f"{LIST}/{id_}/hold", {**HELD, "attended_ids": [BYSTANDER]})
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await erased.carry_out()
    await erased_for_good(erased, "programs", id_)
    (kept,) = await listed(erased, BYSTANDER)
    assert (kept["minutes"], kept["invited"]) == (60, 2)
    store = erased.platform.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)
    assert HER not in repr(store._stored[kept["coaching_session_id"]].state)


async def test_two_who_are_erased_at_the_same_time_leave_what_they_shared_once(
    erased: Erased,
) -> None:
    """Whoever erases what is about the one dies when what takes its place is there and it is, too.
    Then what is about the other is erased, of both; then the first is done again."""
    third = teacher_id(3)
    path = "/programs/v1/relationships"
    made = await erased.people.post(COACH, path, {"coach_id": COACH, "teacher_id": third})
    await erased.people.post(third, f"{path}/{made['relationship_id']}/accept")
    await erased.platform.settle()
    first = await held(erased, HER, BYSTANDER, third, kind="group")
    await erased.platform.settle()
    store = erased.platform.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)
    before = len(store._stored)

    def dies(point: str) -> None:
        if point == "W2" and len(store._stored) > before:
            raise Crashed(point)

    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    with crashing(dies), pytest.raises(Crashed):
        await erased.platform.settle()
    assert len(await listed(erased, third)) == 2
    other = f"/privacy/v1/erasures/{BYSTANDER}"
    (await erased.send(ADMIN, f"{other}/order", WHY)).raise_for_status()
    for _ in range(4):
        await erased.platform.settle()
        await erased.later()
    for order in (ORDER, other):
        assert (await erased.get(ADMIN, order))["state"] == "done"
    (kept,) = await listed(erased, third)
    assert kept["coaching_session_id"] != first
    assert [each["teacher_id"] for each in kept["teachers"]] == [third]


async def test_what_its_coach_changes_while_one_is_erased_is_not_lost_to_the_others(
    erased: Erased,
) -> None:
    """Whoever erases dies when what takes its place says what it does, and then it is moved; three
    times over, as what takes its place is made and whenever it is restated."""
    begins = [wire(erased.platform.clock.now() + timedelta(hours=each)) for each in range(1, 5)]
    asked = {"teacher_ids": [HER, BYSTANDER], "kind": "group", "starts_at": begins[0]}
    made = (await erased.people.post(COACH, LIST, asked))["coaching_session_id"]
    await erased.platform.settle()
    store = erased.platform.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)

    async def goes_on() -> None:
        await erased.platform.settle()
        await erased.later()

    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    for version, to in enumerate(begins[1:], 1):

        def dies(point: str, version: int = version) -> None:
            new = store._stored.get(id_after(made, HER))
            if point == "W2" and new is not None and new.document.version == version:
                raise Crashed(point)

        with crashing(dies), pytest.raises(Crashed):
            await goes_on()
        async with erased.platform.client("programs", f"north/{COACH}") as client:
            moved = await client.patch(f"{LIST}/{made}", json={"starts_at": to})
        assert moved.status_code == 200, moved.text
    for _ in range(4):
        await erased.platform.settle()
        await erased.later()
    assert (await erased.get(ADMIN, ORDER))["state"] == "done"
    await erased_for_good(erased, "programs", made)
    (kept,) = await listed(erased, BYSTANDER)
    assert (kept["starts_at"], kept["version"]) == (begins[-1], 4)


async def test_of_a_coach_her_time_without_teachers_goes_and_the_rest_is_theirs(
    erased: Erased,
) -> None:
    theirs = await held(erased, HER)
    at = wire(erased.platform.clock.now())
    asked = {"kind": "support", "starts_at": at}
    alone = (await erased.people.post(COACH, LIST, asked))["coaching_session_id"]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"/privacy/v1/erasures/{COACH}/order", WHY)).raise_for_status()
    await erased.platform.settle()
    await erased.later()
    await erased_for_good(erased, "programs", alone)
    assert await erased.status(HER, f"{LIST}/{theirs}") == 200


async def test_what_begins_after_the_order_stays(erased: Erased) -> None:
    await held(erased, HER)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    erased.platform.clock.forward(seconds=1)
    late = await held(erased, HER)
    await erased.carry_out()
    assert [each["coaching_session_id"] for each in await listed(erased, HER)] == [late]


async def test_they_follow_her_from_one_record_to_another_and_back() -> None:
    twice = await Twice().begin()
    await twice.north.coached("coach", "peer")
    at = wire(twice.north.clock.now())
    for kind, teachers in (("individual", [OLD]), ("group", [OLD, "peer"])):
        made = await twice.post(
            "coach", LIST, {"teacher_ids": teachers, "kind": kind, "starts_at": at}
        )
        await twice.post("coach", f"{LIST}/{made['coaching_session_id']}/hold", HELD)
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()

    async def of(who: str) -> list[Any]:
        found: list[Any] = (await twice.get(who, LIST))["coaching_sessions"]
        return found

    assert len(await of(NEW)) == 2
    shown = {each for each in await twice.timeline() if each[0] == "coaching_session"}
    assert len(shown) == 2
    names = {each["teacher_id"] for session in await of("peer") for each in session["teachers"]}
    assert names == {NEW, "peer"}
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await of(NEW) == []
    assert len(await of(OLD)) == 2
    names = {each["teacher_id"] for session in await of("peer") for each in session["teachers"]}
    assert names == {OLD, "peer"}


async def test_they_go_when_they_have_had_their_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    made = await held(keeping, HER)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, coaching_sessions=DAYS)
    await keeping.at(LAST)
    assert (await keeping.found("coaching_sessions"))["years"][0]["records"] == 1
    await keeping.at(GONE)
    told = await keeping.found("coaching_sessions")
    assert (told["years"], told["erased"]) == ([], 1)
    await erased_for_good(keeping, "programs", made)
    await keeping.at(GONE + timedelta(days=1))
    assert (await keeping.found("coaching_sessions"))["erased"] == 0
