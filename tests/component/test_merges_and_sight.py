"""What a merge, and its being taken back, lets whom see."""

from __future__ import annotations

import pytest

from tests.support.twice import MATCHES, NEW, OLD, TEACHES, Twice

ALL = {"goals", "surveys", "observations", "insights"}


@pytest.fixture
async def twice() -> Twice:
    return await Twice().begin()


async def test_what_one_record_hid_from_a_coach_of_both_stays_hidden(twice: Twice) -> None:
    north = twice.north
    path = f"/programs/v1/relationships?coach_id=coach&teacher_id={OLD}"
    (known,) = (await twice.get(OLD, path))["relationships"]
    await north.answer(OLD, known["relationship_id"], coach_sees=["observations"])
    goal = await twice.goal()
    await twice.merged()
    assert goal in await twice.goals()
    assert await north.sees("coach", NEW) == {"observations", "insights"}


async def test_a_coach_who_was_shown_nothing_in_both_sees_nothing(twice: Twice) -> None:
    north = twice.north
    for teacher, shown in ((OLD, "observations"), (NEW, "goals")):
        path = f"/programs/v1/relationships?coach_id=coach&teacher_id={teacher}"
        (known,) = (await twice.get(teacher, path))["relationships"]
        await north.answer(teacher, known["relationship_id"], coach_sees=[shown])
    goal = await twice.goal()
    await twice.merged()
    assert goal in await twice.goals()
    assert await north.sees("coach", NEW) == set()
    await north.coached("coach", NEW)  # until the two agree anew
    assert await north.sees("coach", NEW) == {"goals", "insights"}


async def test_parted_again_her_coach_is_not_the_others(twice: Twice) -> None:
    north = twice.north
    await north.coached("other", OLD)
    await twice.goal(NEW)
    match = await twice.merged()
    assert await north.sees("other", NEW) == ALL
    await twice.separate(match)
    await north.settle()
    assert await north.sees("other", NEW) == set()
    assert await north.sees("coach", NEW) == ALL  # she was hers before


async def test_parted_again_a_coach_is_not_that_of_the_others_teachers(twice: Twice) -> None:
    north = twice.north
    await north.coached("other", NEW)
    match = await twice.merged("other", "coach")
    await twice.separate(match)
    await north.settle()
    assert await north.sees("coach", NEW) == ALL  # as before
    peer = await north.coached("other", "peer")
    again = await twice.merged("other", "coach")
    assert await north.sees("coach", "peer") == ALL
    await twice.separate(again)
    await north.settle()
    assert await north.sees("coach", "peer") == set()
    assert (await twice.get("peer", f"/programs/v1/relationships/{peer}"))["state"] == "ended"


async def test_what_the_two_have_agreed_on_since_goes_on(twice: Twice) -> None:
    north = twice.north
    await north.coached("other", OLD)
    match = await twice.merged()
    path = f"/programs/v1/relationships?coach_id=other&teacher_id={NEW}"
    (came,) = (await twice.get(NEW, path))["relationships"]
    await north.answer(NEW, came["relationship_id"], "end")
    await north.coached("other", NEW)
    await twice.separate(match)
    await north.settle()
    assert await north.sees("other", NEW) == ALL


async def test_who_had_left_before_stays_away_when_she_is_parted_again(twice: Twice) -> None:
    north = twice.north
    await north.roster(old=None)
    match = await twice.merged()
    await twice.separate(match)
    await north.settle()
    assert await north.status(OLD, "/roster/v1/me") == 403
    assert (await twice.get("admin", f"/roster/v1/people/{OLD}"))["status"] == "removed"
    await north.roster(old=TEACHES)  # until a file says her
    assert await north.status(OLD, "/roster/v1/me") == 200


@pytest.mark.parametrize("role", ["principal", "districtAdministrator"])
async def test_who_is_to_lead_from_a_later_day_on_is_not_merged(twice: Twice, role: str) -> None:
    north = twice.north
    await north.roster(old=TEACHES, next=[("teacher", "", ""), (role, "2031-08-01", "")])
    for source, target in ((OLD, "next"), ("next", OLD)):
        body = {"from_person_id": source, "into_person_id": target}
        refused = await north.ask("north/admin", "POST", MATCHES, body, status=422)
        assert refused.json()["code"] == "unknown_person"
