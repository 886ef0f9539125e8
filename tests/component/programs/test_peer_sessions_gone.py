"""What becomes of the sessions of a pair or a group when one of them is erased or is in the roster
twice, and when their year is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.component.programs.test_circles_gone import join, propose
from tests.component.programs.test_coaching_sessions import HELD, LIST, wire
from tests.component.test_artifact_erasures import Site
from tests.component.test_erasures import ADMIN, BYSTANDER, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_retention import ENDED, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

COACH, THIRD = "coach-01", "teacher-0003"
WRITTEN, RIGHT = "What she wrote", {"materials_unit": "unit-4", "reason": "Forgotten"}


async def plan(people: Coaching, clock: Any, by: str, circle: str) -> str:
    asked = {"circle_id": circle, "starts_at": wire(clock.now())}
    return str((await people.post(by, LIST, asked))["coaching_session_id"])


async def held(people: Coaching, clock: Any, by: str, circle: str, writes: str) -> str:
    id_ = await plan(people, clock, by, circle)
    await people.post(by, f"{LIST}/{id_}/hold", HELD)
    await people.post(writes, f"{LIST}/{id_}/summarize", {"summary": WRITTEN})
    return id_


async def test_of_one_who_is_erased_the_others_keep_the_session_without_a_word_of_hers() -> None:
    erased = await Erased().begin()
    people, clock = erased.people, erased.platform.clock
    pair = await propose(people, HER, [HER, BYSTANDER])
    group = await propose(people, COACH, [HER, BYSTANDER, THIRD], "group")
    await join(people, pair, BYSTANDER)
    await join(people, group, HER, BYSTANDER, THIRD)
    hers = await held(people, clock, HER, group, HER)
    theirs = await held(people, clock, HER, group, BYSTANDER)
    await people.post(HER, f"{LIST}/{theirs}/correct", RIGHT)
    of_two = await held(people, clock, BYSTANDER, pair, BYSTANDER)
    never = await plan(people, clock, BYSTANDER, pair)
    goes_on = await plan(people, clock, HER, group)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await erased.carry_out()
    for each in (hers, theirs, of_two, never, goes_on):
        await erased_for_good(erased, "programs", each)
    listed = (await erased.get(BYSTANDER, LIST))["coaching_sessions"]
    assert HER not in str(listed)
    found = [
        await erased.get(BYSTANDER, f"{LIST}/{each['coaching_session_id']}") for each in listed
    ]
    assert HER not in str(found)
    assert sorted((e["state"], e["summary"], len(e["teachers"])) for e in found) == [
        ("held", "", 2),
        ("scheduled", "", 2),
        ("summarized", WRITTEN, 1),
        ("summarized", WRITTEN, 2),
    ]
    assert not any(each["corrections"] for each in found)
    (to_come,) = (each["coaching_session_id"] for each in found if each["state"] == "scheduled")
    done = await people.post(THIRD, f"{LIST}/{to_come}/hold", HELD)  # in the group of the others
    assert done["state"] == "held"


async def test_who_is_another_record_now_has_it_and_records_once_she_has_joined_again() -> None:
    twice = await Twice().begin()
    circle = await propose(twice.people, OLD, [OLD, "peer"])
    await join(twice.people, circle, "peer")
    await twice.north.settle()
    path = f"{LIST}/{await plan(twice.people, twice.north.clock, OLD, circle)}"
    wrote = f"{LIST}/{await held(twice.people, twice.north.clock, OLD, circle, OLD)}"
    match = await twice.merged()
    await twice.later()

    async def who(path: str) -> set[str]:
        return {each["teacher_id"] for each in (await twice.get("peer", path))["teachers"]}

    assert await who(path) == await who(wrote) == {NEW, "peer"}
    async with twice.north.client("programs", f"north/{NEW}") as client:
        refused = await client.post(f"{path}/hold", json=HELD)
    assert refused.json()["code"] == "not_together"
    await join(twice.people, circle, NEW)
    await twice.north.settle()
    await twice.post(NEW, f"{path}/hold", HELD)
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await who(wrote) == {OLD, "peer"}


async def test_what_was_planned_is_called_off_when_its_year_is_over() -> None:
    keeping = Keeping()
    await keeping.begin()
    clock = keeping.platform.clock
    circle = await propose(keeping.people, HER, [HER, BYSTANDER])
    await join(keeping.people, circle, BYSTANDER)
    await keeping.platform.settle()
    never = f"{LIST}/{await plan(keeping.people, clock, HER, circle)}"
    there = f"{LIST}/{await held(keeping.people, clock, HER, circle, HER)}"
    await keeping.at(ENDED - timedelta(days=1))
    assert (await keeping.get(BYSTANDER, never))["state"] == "scheduled"
    await keeping.at(ENDED)
    await keeping.platform.settle()
    assert (await keeping.get(BYSTANDER, never))["state"] == "cancelled"
    assert (await keeping.get(BYSTANDER, there))["state"] == "summarized"


async def test_what_a_hold_on_another_keeps_is_there_once_and_not_in_another_beside_it() -> None:
    site = Site()
    await site.begin()
    await site.platform.settle()
    people, clock = site.people, site.platform.clock
    pair = await propose(people, HER, [HER, BYSTANDER])
    await join(people, pair, BYSTANDER)
    await site.platform.settle()
    session = await held(people, clock, HER, pair, HER)
    (await site.send(ADMIN, f"/privacy/v1/erasures/{BYSTANDER}/hold", WHY)).raise_for_status()
    order = await site.order("coaching_session", session)
    assert (await site.done(order))["state"] == "under_way"
    (kept,) = (await site.get(BYSTANDER, LIST))["coaching_sessions"]
    assert kept["coaching_session_id"] == session


async def test_what_is_left_of_one_that_was_erased_alone_is_its_circles_still() -> None:
    site = Site()
    await site.begin()
    people, clock = site.people, site.platform.clock
    group = await propose(people, COACH, [HER, BYSTANDER, THIRD], "group")
    await join(people, group, HER, BYSTANDER, THIRD)
    there = await held(people, clock, HER, group, HER)
    to_come = await plan(people, clock, HER, group)
    await site.platform.settle()
    for each in (there, to_come):
        await site.done(await site.order("coaching_session", each))
    listed = (await site.get(BYSTANDER, LIST))["coaching_sessions"]
    assert [each["circle_id"] for each in listed] == [group, group]
    for each in listed:
        path = f"{LIST}/{each['coaching_session_id']}"
        if each["state"] == "scheduled":
            await people.post(BYSTANDER, f"{path}/hold", HELD)
        await people.post(BYSTANDER, f"{path}/summarize", {"summary": WRITTEN})
        await people.post(THIRD, f"{path}/correct", RIGHT)


async def test_the_others_go_on_with_what_she_was_not_of_when_their_group_is_another() -> None:
    """Also where she had left it long ago, and a session is of those alone who leave then."""
    erased = await Erased().begin()
    people, clock = erased.people, erased.platform.clock
    more = "teacher-0004"
    group = await propose(people, COACH, [HER, BYSTANDER, THIRD, more], "group")
    await join(people, group, HER, BYSTANDER, THIRD, more)
    await people.post(HER, f"/programs/v1/circles/{group}/step-out")
    there = await plan(people, clock, BYSTANDER, group)
    await people.post(BYSTANDER, f"{LIST}/{there}/hold", HELD)
    to_come = await plan(people, clock, BYSTANDER, group)
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await erased.carry_out()
    (circle,) = (await erased.get(BYSTANDER, "/programs/v1/circles"))["circles"]
    listed = (await erased.get(THIRD, LIST))["coaching_sessions"]
    assert {each["coaching_session_id"] for each in listed} == {there, to_come}
    assert {each["circle_id"] for each in listed} == {circle["circle_id"]} != {group}
    await people.post(THIRD, f"{LIST}/{there}/summarize", {"summary": WRITTEN})
    for each in (more, THIRD):
        await people.post(each, f"/programs/v1/circles/{circle['circle_id']}/step-out")
    await erased.platform.settle()
    assert (await erased.get(BYSTANDER, f"{LIST}/{to_come}"))["state"] == "cancelled"
