"""That a coaching relationship was declined is told to the two alone: to everybody else, and in
every event, it is as if it had been taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.staff import PEOPLE, Staffed, staffed

PATH = "/programs/v1/relationships"
OTHERS = ("north/admin", "north/sis?relationships.read")
STATES = ("proposed", "active", "declined", "ended")


async def got(north: Staffed, caller: str, path: str) -> Any:
    return (await north.ask(caller, "GET", path)).json()


async def listed(north: Staffed, caller: str, query: str = "") -> list[Any]:
    found: list[Any] = (await got(north, caller, f"{PATH}{query}"))["relationships"]
    return found


async def states(north: Staffed, caller: str, query: str = "") -> dict[str, list[str]]:
    """By the state that is asked for, whom what is found is with and in which state it is told."""
    asked = {each: f"?state={each}{query}" for each in STATES}
    return {
        state: [f"{each['teacher_id']} {each['state']}" for each in await listed(north, caller, to)]
        for state, to in asked.items()
    }


async def all_that_is_told(north: Staffed, caller: str, of: str) -> list[Any]:
    queries = ["", "?coach_id=coach", "?teacher_id=teacher", "?coach_id=coach&teacher_id=teacher"]
    queries += [f"?state={each}" for each in STATES]
    queries += [f"?coach_id=coach&state={each}" for each in STATES]
    one = await got(north, caller, f"{PATH}/{of}")
    return [one, *[await listed(north, caller, each) for each in queries]]


async def lived(over: tuple[str, str], handed_over: bool) -> tuple[list[Any], str]:
    """All that others are told: once it is over, and once it was proposed again and is over; and
    the state that the two are told."""
    north = await staffed()
    of: str
    if handed_over:  # and begun again after that, which keeps what was said of the other coach
        of, to = await north.coached(), {"coach_id": "other"}
        place = f"{PATH}/{of}/hand-over"
        await north.ask("north/coach", "POST", place, to)
        await north.ask("north/teacher", "POST", f"{place}/accept", {**to, "coach_sees": ["goals"]})
        await north.settle()
    told: list[Any] = []
    for _ in range(2):
        north.clock.forward(hours=1)
        of = (await north.propose("coach")).json()["relationship_id"]
        for caller in OTHERS:
            told.append(await all_that_is_told(north, caller, of))
        north.clock.forward(hours=1)
        assert (await north.answer(over[0], of, over[1])).status_code == 200
        await north.settle()
        for caller in OTHERS:
            told.append(await all_that_is_told(north, caller, of))
    two = {
        (await got(north, f"north/{each}", f"{PATH}/{of}"))["state"]
        for each in ("coach", "teacher")
    }
    return told, " ".join(two)


@pytest.mark.parametrize("handed_over", [False, True])
async def test_others_are_told_the_same_of_a_no_as_of_what_was_taken_back(
    handed_over: bool,
) -> None:
    declined, said = await lived(("teacher", "decline"), handed_over)
    taken_back, said_so = await lived(("coach", "end"), handed_over)
    assert (said, said_so) == ("declined", "ended")
    assert declined == taken_back


async def test_the_two_find_what_was_declined_and_others_what_is_over() -> None:
    north = await staffed()
    for teacher, by, how in (("teacher", "teacher", "decline"), ("peer", "coach", "end")):
        made = (await north.propose("coach", "coach", teacher)).json()["relationship_id"]
        assert (await north.answer(by, made, how)).status_code == 200
        north.clock.forward(hours=1)
    none: dict[str, list[str]] = {each: [] for each in STATES}
    over = ["peer ended", "teacher ended"]
    for caller in OTHERS:
        for query in ("", "&coach_id=coach", "&school_year=2027"):
            assert await states(north, caller, query) == {**none, "ended": over}
        alone = {**none, "ended": over[1:]}
        assert await states(north, caller, "&teacher_id=teacher") == alone
    hers = {**none, "declined": ["teacher declined"]}
    for query in ("", "&teacher_id=me", "&coach_id=coach&teacher_id=teacher"):
        assert await states(north, "north/teacher", query) == hers
    for query in ("", "&coach_id=me"):
        assert await states(north, "north/coach", query) == {**hers, "ended": ["peer ended"]}


async def test_pages_of_what_is_over_hold_each_once() -> None:
    north = await staffed()
    for teacher, how in (("teacher", "decline"), ("peer", "end"), ("other", "decline")):
        made = (await north.propose("coach", "coach", teacher)).json()["relationship_id"]
        assert (await north.answer(teacher, made, how)).status_code == 200
        north.clock.forward(hours=1)
    found, token = list[str](), ""
    while True:
        query = f"?state=ended&page_size=1&page_token={token}"
        page = await got(north, "north/admin", f"{PATH}{query}")
        found += [each["teacher_id"] for each in page["relationships"]]
        token = page["next_page_token"]
        if not token:
            break
    assert found == ["other", "peer", "teacher"]


async def test_an_administrator_who_is_one_of_the_two_is_told_of_her_own() -> None:
    north = await staffed(None, admin=[*PEOPLE["admin"], ("teacher", "", "")])
    for teacher in ("teacher", "admin"):
        made = (await north.propose("coach", "coach", teacher)).json()["relationship_id"]
        assert (await north.answer(teacher, made, "decline")).status_code == 200
    found = await states(north, "north/admin")
    assert (found["declined"], found["ended"]) == (["admin declined"], ["teacher ended"])
    found = await states(north, "north/admin", "&coach_id=coach")
    assert (found["declined"], found["ended"]) == (["admin declined"], ["teacher ended"])
