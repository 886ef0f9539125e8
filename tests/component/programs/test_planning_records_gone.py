"""What becomes of planning records when a person is erased or is in the roster twice, and when they
have had their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.ctl.demo.district import teacher_id
from tests.component.programs.test_circles import PATH as CIRCLES
from tests.component.programs.test_circles_gone import join, propose
from tests.component.programs.test_planning_records import PATH, checked
from tests.component.test_erasures import (
    ADMIN,
    BYSTANDER,
    COACH,
    HER,
    ORDER,
    WHY,
    Erased,
    erased_for_good,
)
from tests.component.test_retention import DAYS, ENDED, GONE, LAST, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

CANARY = "Canary-words"


async def write(people: Coaching, who: str, of: dict[str, str], text: str = CANARY) -> Any:
    return await people.post(who, PATH, {**of, "kind": "plan", "text": text})


async def read(here: Any, who: str) -> list[Any]:
    found: list[Any] = (await here.get(who, f"{PATH}?order=oldest"))["planning_entries"]
    return found


async def test_her_words_go_the_others_stay_and_the_chain_holds() -> None:
    erased = await Erased().begin()
    two = {"relationship_id": erased.work["programs"]}
    pair = {"circle_id": await propose(erased.people, HER, [HER, BYSTANDER])}
    await join(erased.people, pair["circle_id"], HER, BYSTANDER)
    await erased.platform.settle()
    gone = [await write(erased.people, who, two) for who in (HER, COACH)]
    gone.append(await write(erased.people, HER, pair))
    kept = await write(erased.people, BYSTANDER, pair, "What she said helped")
    gone.append(await write(erased.people, HER, pair))
    await erased.platform.settle()
    erased.platform.clock.forward(seconds=1)  # each is written a moment after the one before
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    # a relationship, a circle, and four entries
    assert (done["state"], counted["programs"]) == ("done", 6)
    for each in gone:
        await erased_for_good(erased, "programs", each["planning_entry_id"])
    found = await read(erased, BYSTANDER)
    checked(found)
    assert HER not in str(found)
    assert [(each["number"], each["erased"], each["text"]) for each in found] == [
        (1, True, ""),
        (2, False, "What she said helped"),
        (3, True, ""),
    ]
    assert [each["hash"] for each in found] == [gone[2]["hash"], kept["hash"], gone[3]["hash"]]
    assert await read(erased, COACH) == []
    assert (await erased.get(BYSTANDER, CIRCLES))["circles"] == []
    await compared(erased, BYSTANDER, pair["circle_id"], found)


async def compared(erased: Erased, who: str, record: str, found: list[Any]) -> None:
    """The end of a record whose circle is no more is asked by who reads it, and by nobody else."""
    path = f"/programs/v1/planning-records/{record}"
    told = await erased.get(who, path)
    end = f"{found[-1]['number']}:{found[-1]['hash']}"
    assert (told["entries"], told["end"], told["record_of"]) == (len(found), end, "circle")
    for other in (HER, COACH, ADMIN, teacher_id(4)):
        async with erased.platform.client("programs", f"north/{other}") as client:
            assert (await client.get(path)).status_code == 404, other


async def test_a_group_goes_on_in_a_record_of_its_own_and_keeps_the_one_before() -> None:
    erased = await Erased().begin()
    third = teacher_id(3)
    asked = {"kind": "group", "member_ids": [HER, BYSTANDER, third], "facilitator_id": COACH}
    circle = str((await erased.people.post(COACH, CIRCLES, asked))["circle_id"])
    await join(erased.people, circle, HER, BYSTANDER, third)
    await erased.platform.settle()
    for who in (BYSTANDER, HER, third):
        await write(erased.people, who, {"circle_id": circle})
    await erased.platform.settle()
    erased.platform.clock.forward(seconds=1)
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await erased.carry_out()
    (group,) = (await erased.get(third, CIRCLES))["circles"]
    await write(erased.people, third, {"circle_id": group["circle_id"]}, "It goes on")
    await erased.platform.settle()
    found = await read(erased, third)
    before = [each for each in found if each["circle_id"] == circle]
    assert [each["erased"] for each in before] == [False, True, False]
    checked(before)
    await compared(erased, third, circle, before)
    assert [each["number"] for each in found if each not in before] == [1]


async def test_a_coachs_words_go_with_her_and_the_teachers_stay() -> None:
    erased = await Erased().begin()
    two = {"relationship_id": erased.work["programs"]}
    await write(erased.people, COACH, two)
    await write(erased.people, HER, two, "What I try")
    await erased.platform.settle()
    erased.platform.clock.forward(seconds=1)
    order = f"/privacy/v1/erasures/{COACH}"
    (await erased.send(ADMIN, f"{order}/order", WHY)).raise_for_status()
    await erased.platform.settle()
    await erased.later()
    assert (await erased.get(ADMIN, order))["state"] == "done"
    found = await read(erased, HER)
    checked(found)
    assert [(each["erased"], each["text"]) for each in found] == [(True, ""), (False, "What I try")]
    after = await write(erased.people, HER, two, "It goes on")
    assert (after["number"], after["hash_before"]) == (3, found[-1]["hash"])


async def test_what_is_written_after_the_order_is_not_touched() -> None:
    erased = await Erased().begin()
    group = {"circle_id": await propose(erased.people, COACH, [BYSTANDER, HER], "group")}
    await join(erased.people, group["circle_id"], HER, BYSTANDER)
    await erased.platform.settle()
    await write(erased.people, HER, group)
    before = await read(erased, BYSTANDER)
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    await erased.carry_out()
    (after,) = await read(erased, BYSTANDER)
    assert (after["hash"], after["content_hash"]) == (before[0]["hash"], before[0]["content_hash"])
    assert after["planning_entry_id"] != before[0]["planning_entry_id"]


async def test_what_she_wrote_is_hers_under_her_other_id_and_again_once_parted() -> None:
    twice = await Twice().begin()
    pair = {"circle_id": await propose(twice.people, OLD, [OLD, "peer"])}
    await join(twice.people, pair["circle_id"], OLD, "peer")
    await twice.north.settle()
    await write(twice.people, OLD, pair, "Mine")
    await write(twice.people, "peer", pair, "Hers")
    match = await twice.merged()
    await twice.later()

    async def authors(who: str) -> list[tuple[str, str]]:
        found = await read(twice, who)
        checked(found)
        return [(each["author_id"], each["written_as_id"]) for each in found]

    assert await authors(NEW) == await authors("peer") == [(NEW, OLD), ("peer", "peer")]
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await authors("peer") == [(OLD, OLD), ("peer", "peer")]
    assert await authors(OLD) == await authors("peer")
    assert await authors(NEW) == []


async def test_they_go_when_they_have_had_their_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    pair = {"circle_id": await propose(keeping.people, HER, [HER, BYSTANDER])}
    await join(keeping.people, pair["circle_id"], HER, BYSTANDER)
    await keeping.platform.settle()
    entry = await write(keeping.people, HER, pair)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, planning_records=DAYS)
    await keeping.at(LAST)
    assert (await keeping.found("planning_records"))["years"][0]["records"] == 1
    await keeping.at(GONE)
    told = await keeping.found("planning_records")
    assert (told["years"], told["erased"]) == ([], 1)
    await erased_for_good(keeping, "programs", entry["planning_entry_id"])
    await keeping.at(GONE + timedelta(days=1))
    assert (await keeping.found("planning_records"))["erased"] == 0


@pytest.mark.parametrize("days", [{}, {"planning_records": DAYS + 200}])
async def test_a_relationship_that_has_had_its_time_stays_for_what_is_kept_longer(
    days: dict[str, int],
) -> None:
    keeping = Keeping()
    await keeping.begin()
    two = keeping.work["programs"]
    entry = await write(keeping.people, COACH, {"relationship_id": two}, "What-we-plan")
    places = [f"/programs/v1/relationships/{two}", f"{PATH}/{entry['planning_entry_id']}"]
    await keeping.enacts(1, {}, relationships=DAYS, **days)
    await keeping.at(ENDED)
    over = ENDED + timedelta(days=DAYS + 1)
    await keeping.at(over)
    assert [await keeping.status(HER, each) for each in places] == [200, 200]
    assert (await keeping.found("relationships"))["later"] == 1
    await keeping.enacts(2, {}, relationships=DAYS, planning_records=DAYS)
    for day in range(8, 11):  # a week in which nothing goes
        await keeping.at(over + timedelta(days=day))
    assert [await keeping.status(HER, each) for each in places] == [404, 404]
    assert keeping.holds("What-we-plan") == set()


async def test_what_is_kept_for_a_shorter_time_goes_before_its_relationship() -> None:
    keeping = Keeping()
    await keeping.begin()
    two = keeping.work["programs"]
    entry = await write(keeping.people, COACH, {"relationship_id": two})
    places = [f"/programs/v1/relationships/{two}", f"{PATH}/{entry['planning_entry_id']}"]
    await keeping.enacts(1, {}, relationships=DAYS, planning_records=DAYS)
    await keeping.at(GONE)
    assert [await keeping.status(HER, each) for each in places] == [200, 404]
    anew = await write(keeping.people, HER, {"relationship_id": two})  # in the grace they go on
    checked(await read(keeping, HER))
    assert anew["planning_entry_id"] != entry["planning_entry_id"]
    await keeping.at(ENDED)
    await keeping.at(ENDED + timedelta(days=DAYS + 1))
    assert [await keeping.status(HER, each) for each in places] == [404, 404]
