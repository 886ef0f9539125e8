"""What becomes of circles when a person is erased or is in the roster twice, when their year is
over and when they have had their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.component.programs.test_circles import PATH
from tests.component.test_erasures import ADMIN, BYSTANDER, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_retention import DAYS, ENDED, GONE, LAST, Keeping
from tests.support.coaching import Coaching
from tests.support.twice import NEW, OLD, Twice

COACH, THIRD = "coach-01", "teacher-0003"
SHOWS = {"shows": ["goals"]}


async def propose(people: Coaching, by: str, members: list[str], kind: str = "pair") -> str:
    asked: dict[str, Any] = {"kind": kind, "member_ids": members}
    if kind == "group":
        asked["facilitator_id"] = by
    return str((await people.post(by, PATH, asked))["circle_id"])


async def join(people: Coaching, circle: str, *members: str) -> None:
    for each in members:
        await people.post(each, f"{PATH}/{circle}/join", SHOWS)


async def test_a_pair_is_erased_for_both_and_a_group_goes_on_without_her() -> None:
    erased = await Erased().begin()
    pair = await propose(erased.people, HER, [HER, BYSTANDER])
    group = await propose(erased.people, COACH, [HER, BYSTANDER, THIRD], "group")
    others = await propose(erased.people, COACH, [BYSTANDER, THIRD], "group")
    left = await propose(erased.people, COACH, [HER, BYSTANDER, THIRD], "group")
    for each in (pair, group, left):
        await join(erased.people, each, HER, BYSTANDER)
    await join(erased.people, group, THIRD)
    await erased.people.post(HER, f"{PATH}/{left}/step-out")
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 4)  # a relationship, three circles
    for each in (pair, group, left):
        await erased_for_good(erased, "programs", each)
    found = (await erased.get(COACH, PATH))["circles"]  # who is told of all that are of them
    assert HER not in str(found)
    states = sorted((each["state"], len(each["members"])) for each in found)
    assert states == [("active", 2), ("proposed", 2), ("proposed", 2)]
    assert others in {each["circle_id"] for each in found}


async def test_who_is_another_record_now_is_asked_anew_and_again_once_parted() -> None:
    twice = await Twice().begin()
    circle = await propose(twice.people, OLD, [OLD, "peer"])
    await join(twice.people, circle, OLD, "peer")
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()

    async def members() -> dict[str, tuple[bool, list[str]]]:
        found = await twice.get("peer", f"{PATH}/{circle}")
        return {each["teacher_id"]: (each["joined"], each["shows"]) for each in found["members"]}

    assert await members() == {NEW: (False, []), "peer": (True, ["goals"])}
    await join(twice.people, circle, NEW)
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert await members() == {OLD: (False, []), "peer": (True, ["goals"])}


async def test_it_ends_with_its_year_and_the_grace() -> None:
    keeping = Keeping()
    await keeping.begin()
    circle = await propose(keeping.people, HER, [HER, BYSTANDER])
    await join(keeping.people, circle, HER, BYSTANDER)
    await keeping.platform.settle()
    await keeping.at(ENDED - timedelta(days=1))
    assert (await keeping.get(HER, f"{PATH}/{circle}"))["state"] == "active"
    await keeping.at(ENDED)
    assert (await keeping.get(HER, f"{PATH}/{circle}"))["state"] == "ended"


async def test_they_go_when_they_have_had_their_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    circle = await propose(keeping.people, HER, [HER, BYSTANDER])
    await keeping.people.post(BYSTANDER, f"{PATH}/{circle}/decline")
    await keeping.platform.settle()
    await keeping.enacts(1, {}, circles=DAYS)
    await keeping.at(LAST)
    assert (await keeping.found("circles"))["years"][0]["records"] == 1
    await keeping.at(GONE)
    told = await keeping.found("circles")
    assert (told["years"], told["erased"]) == ([], 1)
    await erased_for_good(keeping, "programs", circle)
    await keeping.at(GONE + timedelta(days=1))
    assert (await keeping.found("circles"))["erased"] == 0


async def open_pairs(twice: Twice) -> list[Any]:
    found = (await twice.get("peer", PATH))["circles"]
    return [each for each in found if each["state"] != "ended"]


async def test_two_who_have_two_pairs_by_a_merge_go_on_with_one() -> None:
    """That in which they have joined, whichever record it was proposed to."""
    twice = await Twice().begin()
    hers = await propose(twice.people, OLD, [OLD, "peer"])
    await join(twice.people, hers, OLD, "peer")
    mine = await propose(twice.people, NEW, [NEW, "peer"])
    await join(twice.people, mine, NEW, "peer")
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    (kept,) = await open_pairs(twice)
    assert (kept["circle_id"], kept["state"]) == (mine, "active")
    assert (await twice.get("peer", f"{PATH}/{hers}"))["state"] == "ended"
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert [each["circle_id"] for each in await open_pairs(twice)] == [mine]
    assert await propose(twice.people, OLD, [OLD, "peer"]) == hers


async def test_a_pair_that_came_with_a_record_is_answered_to_who_proposes_it() -> None:
    twice = await Twice().begin()
    circle = await propose(twice.people, OLD, [OLD, "peer"])
    await join(twice.people, circle, OLD, "peer")
    await twice.north.settle()
    await twice.merged()
    await twice.later()
    assert await propose(twice.people, NEW, [NEW, "peer"]) == circle
    assert [each["circle_id"] for each in await open_pairs(twice)] == [circle]
    await twice.post("peer", f"{PATH}/{circle}/end")
    own = await propose(twice.people, NEW, ["peer", NEW])
    assert own != circle
    assert [each["circle_id"] for each in await open_pairs(twice)] == [own]


async def test_a_group_of_which_the_last_is_erased_has_ended() -> None:
    erased = await Erased().begin()
    group = await propose(erased.people, COACH, [HER, BYSTANDER], "group")
    await join(erased.people, group, HER)
    await erased.people.post(BYSTANDER, f"{PATH}/{group}/decline")
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    assert (await erased.carry_out())["state"] == "done"
    (left,) = (await erased.get(COACH, PATH))["circles"]
    assert (left["members"], left["state"]) == ([], "ended")
    assert left["ended_at"] is not None
