"""Several merges of the same records: at once, one after the other, and into one."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from services.chassis.call import Call, Principal
from services.chassis.write.write_path import WritePath
from services.roster.person.codec import PEOPLE
from services.roster.person.domain import Person
from tests.support.twice import MATCHES, TEACHES, Twice

A, B, C, D = "a", "b", "c", "d"


@pytest.fixture
async def twice() -> Twice:
    made = await Twice().begin()
    await made.north.roster(old=TEACHES, **dict.fromkeys((A, B, C, D), TEACHES))
    return made


async def confirm(twice: Twice, match: str) -> httpx2.Response:
    async with twice.north.client("roster", "north/admin") as client:
        return await client.post(f"{MATCHES}/{match}/confirm")


async def separate(twice: Twice, match: str) -> httpx2.Response:
    async with twice.north.client("roster", "north/admin") as client:
        answer = await client.post(f"{MATCHES}/{match}/separate")
    await twice.north.settle()
    return answer


async def _reserved(twice: Twice, who: str, by: str) -> None:
    """As the process leaves her that dies when it has reserved her to be given up."""
    roster = twice.north.services["roster"]
    store, bell, clock = roster.backing.store, roster.backing.bell, twice.north.clock
    people = WritePath[Person](store, PEOPLE, clock, bell)
    call = Call("confirm_match", Principal("north", person="admin"))

    def reserve(person: Person) -> None:
        person.reserve(by, person.times_given_up + 1)

    await people.change(call, f"north/person/{who}", reserve)


async def given_up(twice: Twice) -> dict[str, str]:
    """What is merged, by the record that is given up."""
    await twice.north.settle()
    listed = (await twice.get("admin", f"{MATCHES}?state=merged"))["matches"]
    found = {each["from_person_id"]: each["into_person_id"] for each in listed}
    assert len(found) == len(listed), "given up for two"
    return found


@pytest.mark.parametrize("turn", range(12))
@pytest.mark.parametrize("wanted", [((A, B), (B, C), (C, A)), ((A, B), (A, C)), ((A, B), (B, C))])
async def test_confirms_at_once_make_neither_a_ring_nor_a_fork(
    twice: Twice, wanted: tuple[tuple[str, str], ...], turn: int
) -> None:
    goals = {each: await twice.goal(each) for each in (A, B, C)}
    matches = [await twice.proposed(*each) for each in wanted]

    async def one(number: int, match: str) -> httpx2.Response:
        for _ in range((turn * (number + 3)) % 7):  # begun a little later
            await asyncio.sleep(0)
        return await confirm(twice, match)

    answers = await asyncio.gather(*(one(number, each) for number, each in enumerate(matches)))
    assert {each.status_code for each in answers} <= {200, 409}
    refused = [each.json()["code"] for each in answers if each.status_code == 409]
    assert set(refused) <= {"another_match", "unknown_person"}
    found = await given_up(twice)
    for start in found:
        at, passed = start, {start}
        while at in found:
            at = found[at]
            assert at not in passed, "a ring"
            passed.add(at)
    # whatever was decided, each goal is with who is kept in the end
    await twice.later()
    for owner, goal in goals.items():
        kept = owner
        while kept in found:
            kept = found[kept]
        assert goal in await twice.goals(kept, kept)


async def test_a_chain_one_after_the_other_moves_all_and_only_its_last_merge_is_taken_back(
    twice: Twice,
) -> None:
    goals = [await twice.goal(each) for each in (A, B, C)]
    first = await twice.merged(A, B)
    second = await twice.merged(B, C)
    assert await twice.goals(C, C) == set(goals)
    for match, code in ((first, "kept_given_up"), (second, "")):
        answer = await separate(twice, match)
        assert answer.json().get("code", "") == code
    await twice.north.roster(b=TEACHES, c=TEACHES)
    assert await twice.goals(B, B) == set(goals[:2])
    assert await twice.goals(C, C) == {goals[2]}
    # what came to B with the first is not told apart from its own any more
    assert (await separate(twice, first)).json()["code"] == "kept_given_up"


async def test_each_arm_of_a_star_is_separated_alone(twice: Twice) -> None:
    goals = {each: await twice.goal(each) for each in (A, B, C)}
    arms = {each: await twice.merged(each, C) for each in (A, B)}
    assert await twice.goals(C, C) == set(goals.values())
    since = await twice.goal(C)
    for number, arm in enumerate((A, B)):
        assert (await separate(twice, arms[arm])).status_code == 200
        await twice.north.roster(**dict.fromkeys((A, B, C)[: number + 1], TEACHES), c=TEACHES)
        assert await twice.goals(arm, arm) == {goals[arm]}
    assert await twice.goals(C, C) == {goals[C], since}


async def test_who_was_kept_and_separated_is_given_up_later_and_both_are_merged_once_more(
    twice: Twice,
) -> None:
    mine, theirs = await twice.goal(A), await twice.goal(B)
    match = await twice.merged(A, B)
    assert (await separate(twice, match)).status_code == 200
    await twice.north.roster(a=TEACHES, b=TEACHES, c=TEACHES)
    assert await twice.merged(B, A) == match  # the other way round
    assert await twice.goals(A, A) == {mine, theirs}
    # B's goal had been A's for a while, too: nobody can tell whose is whose
    assert (await separate(twice, match)).json()["code"] == "merged_both_ways"
    assert await twice.goals(A, A) == {mine, theirs}
    await twice.merged(A, C)
    assert {mine, theirs} <= await twice.goals(C, C)


async def test_a_record_is_not_given_up_for_another_before_it_is_separated(twice: Twice) -> None:
    match = await twice.merged(A, B)
    async with twice.north.client("roster", "north/admin") as client:
        for body in (
            {"from_person_id": A, "into_person_id": C},
            {"from_person_id": C, "into_person_id": A},
        ):
            assert (await client.post(MATCHES, json=body)).status_code == 422
    assert (await separate(twice, match)).status_code == 200
    await twice.north.roster(a=TEACHES, b=TEACHES, c=TEACHES)
    await twice.merged(A, C)
    assert await given_up(twice) == {A: C}


async def test_what_a_process_left_undecided_is_named_and_decided_first(twice: Twice) -> None:
    """It has reserved the record that is to be given up, and died."""
    dead, other = await twice.proposed(A, B), await twice.proposed(A, C)
    await _reserved(twice, A, f"{dead}:1")
    refused = await confirm(twice, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "another_match")
    assert dead in refused.json()["detail"]
    await twice.post("admin", f"{MATCHES}/{dead}/dismiss")
    assert (await confirm(twice, other)).status_code == 200
    assert await given_up(twice) == {A: C}


async def test_a_confirm_that_comes_to_nothing_makes_no_merge_for_good(twice: Twice) -> None:
    """B is reserved to be given up for C, and that is dismissed: what was merged into B before can
    be separated, until B is given up in truth."""
    first, second = await twice.merged(A, B), await twice.proposed(B, C)
    third = await twice.merged(D, B)
    await _reserved(twice, B, f"{second}:1")
    await twice.post("admin", f"{MATCHES}/{second}/dismiss")
    assert (await separate(twice, first)).status_code == 200
    assert await given_up(twice) == {D: B}
    await twice.merged(B, C)
    assert (await separate(twice, third)).json()["code"] == "kept_given_up"


async def test_what_is_merged_after_one_that_came_to_nothing_is_told_apart(twice: Twice) -> None:
    second = await twice.proposed(B, C)
    await _reserved(twice, B, f"{second}:1")
    await twice.post("admin", f"{MATCHES}/{second}/dismiss")
    first = await twice.merged(A, B)
    other = await twice.merged(B, D)
    assert (await separate(twice, first)).json()["code"] == "kept_given_up"
    assert (await separate(twice, other)).status_code == 200
    assert (await separate(twice, first)).json()["code"] == "kept_given_up"


async def test_a_stale_confirm_reserves_nothing(twice: Twice) -> None:
    stale, other = await twice.proposed(A, B), await twice.proposed(A, C)
    async with twice.north.client("roster", "north/admin") as client:
        headers = {"If-Match": '"7"'}
        answer = await client.post(f"{MATCHES}/{stale}/confirm", headers=headers)
        assert answer.status_code == 412
    assert (await confirm(twice, other)).status_code == 200


async def test_an_import_keeps_what_has_a_record_reserved(twice: Twice) -> None:
    await twice.merged(A, B)
    people = twice.north.services["roster"].backing.store
    before = await people.get("north", "person", f"north/person/{A}")
    await twice.north.roster(a=TEACHES, b=[*TEACHES, ("teacher@school-2", "", "")])
    await twice.north.roster(a=TEACHES, b=TEACHES)
    after = await people.get("north", "person", f"north/person/{A}")
    assert before is not None
    assert after is not None
    assert before.state["reserved_by"] == after.state["reserved_by"] != ""
    assert after.state["times_given_up"] == 1
