"""Ending a relationship closes the coach's access: in the summer, too, when last year's counts or
next year's rests on an acceptance of this one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.access.districts import District, Districts, Relationships
from tests.support.staff import Staffed, staffed

LIST = "/programs/v1/relationships"
CARRY = f"{LIST}/carry-over"
YEARS = {"from_school_year": 2027, "to_school_year": 2028}
JUNE, JULY, AUGUST = (datetime(2027, month, 10, 12, tzinfo=UTC) for month in (6, 7, 8))
AFTER_THE_GRACE = datetime(2027, 9, 1, 0, 0, 30, tzinfo=UTC)
EVERYTHING = {"goals", "surveys", "observations", "insights"}


async def carried_over(districts: Districts | None = None) -> tuple[Staffed, str, str]:
    """In June `coach` coaches `teacher` in 2027, and the district has carried it over to 2028."""
    north = await staffed(districts)
    old = await north.coached()
    north.clock.set(JUNE)
    (made,) = (await carry(north))["carried_over"]
    await north.settle()
    return north, old, made["relationship_id"]


async def carry(north: Staffed) -> Any:
    return (await north.ask("north/admin", "POST", CARRY, YEARS)).json()


async def at(north: Staffed, instant: datetime) -> None:
    north.clock.set(instant)
    await north.settle()


async def end(north: Staffed, id: str, by: str = "teacher") -> None:
    """Done, and known everywhere."""
    assert (await north.answer(by, id, "end")).status_code == 200
    await north.settle()


async def states(north: Staffed) -> dict[int, str]:
    found = (await north.ask("north/teacher", "GET", LIST)).json()["relationships"]
    return {each["school_year"]: each["state"] for each in found}


@pytest.mark.parametrize("by", ["teacher", "coach", "admin"])
async def test_who_ends_this_years_in_the_grace_does_not_let_her_coach_in_by_last_years(
    by: str,
) -> None:
    north, _, new = await carried_over()
    await at(north, JULY)
    await north.answer("teacher", new, coach_sees=["goals"])
    await north.settle()
    assert await north.sees("coach") == {"goals", "insights"}
    await end(north, new, by)
    assert await north.sees("coach") == set()
    assert await north.caseload() == []
    assert await states(north) == {2027: "ended", 2028: "ended"}


async def test_who_ends_this_years_in_june_has_taken_back_what_next_years_rests_on() -> None:
    north, old, _ = await carried_over()
    await end(north, old)
    assert await states(north) == {2027: "ended", 2028: "ended"}
    await at(north, JULY)
    assert await north.sees("coach") == set()


async def test_who_ends_last_years_in_the_grace_has_taken_it_back_too() -> None:
    north, old, _ = await carried_over()
    await at(north, AUGUST)
    await end(north, old)
    assert await north.sees("coach") == set()


async def test_what_she_accepted_anew_for_next_year_stays() -> None:
    asking = Relationships(carrying_over_needs_acceptance=True)
    north, old, new = await carried_over(Districts({"north": District(relationships=asking)}))
    north.clock.forward(seconds=60)
    await north.answer("teacher", new)
    await end(north, old)
    assert await states(north) == {2027: "ended", 2028: "active"}
    await at(north, JULY)
    assert await north.sees("coach") == EVERYTHING


@pytest.mark.parametrize("how", ["decline", "end"])
async def test_who_will_have_none_next_year_keeps_this_years(how: str) -> None:
    north = await staffed()
    await north.coached()
    north.clock.set(JUNE)
    made = (await north.propose("coach", school_year=2028)).json()["relationship_id"]
    assert (await north.answer("teacher", made, how)).status_code == 200
    await north.settle()
    assert (await states(north))[2027] == "active"
    assert await north.sees("coach") == EVERYTHING


async def test_who_ends_next_years_before_it_has_begun_keeps_this_years() -> None:
    north, _, new = await carried_over()
    await end(north, new)
    assert await states(north) == {2027: "active", 2028: "ended"}


async def test_with_its_year_ends_nothing_but_it() -> None:
    north, _, _ = await carried_over()
    await at(north, AFTER_THE_GRACE)
    assert await states(north) == {2027: "ended", 2028: "active"}
    assert await north.sees("coach") == EVERYTHING


async def test_what_is_between_others_stays() -> None:
    north, old, _ = await carried_over()
    others = await north.coached("other"), await north.coached("coach", "peer", 2028)
    await at(north, JULY)
    await end(north, old)
    for each in others:
        found = (await north.ask("north/admin", "GET", f"{LIST}/{each}")).json()
        assert found["state"] == "active"


async def test_what_was_agreed_since_outlasts_a_late_duty() -> None:
    """Nothing has moved from the end until the two have agreed anew."""
    north, _, new = await carried_over()
    await at(north, JULY)
    assert (await north.answer("teacher", new, "end")).status_code == 200
    north.clock.forward(seconds=1)
    again = await north.propose("teacher", coach_sees=["surveys"])
    assert (await north.answer("coach", again.json()["relationship_id"])).status_code == 200
    await north.settle()
    assert await states(north) == {2027: "ended", 2028: "active"}
    assert await north.sees("coach") == {"surveys", "insights"}


async def test_an_acceptance_given_after_the_end_outlasts_a_late_duty() -> None:
    """Last year's proposal, answered in the grace once this year's was ended."""
    north = await staffed()
    last = (await north.propose("coach")).json()["relationship_id"]
    await at(north, JULY)
    this = await north.coached()
    assert (await north.answer("teacher", this, "end")).status_code == 200
    north.clock.forward(seconds=1)
    assert (await north.answer("teacher", last)).status_code == 200
    await north.settle()
    assert await states(north) == {2027: "active", 2028: "ended"}


async def test_what_she_ended_after_the_grace_is_not_carried_over_as_if_it_had_lasted() -> None:
    north = await staffed()
    old = await north.coached()
    north.clock.set(AFTER_THE_GRACE)  # and the duty has not come round yet
    await end(north, old)
    said = await carry(north)
    assert [each["reason"] for each in said["skipped"]] == ["not_active"]


async def test_nor_what_she_ended_in_a_grace_that_the_district_has_shortened_since() -> None:
    settings = {"north": District()}
    north = await staffed(Districts(settings))
    old = await north.coached()
    await at(north, AUGUST)
    await end(north, old)
    settings["north"] = District(relationships=Relationships(grace_until="07-15"))
    said = await carry(north)
    assert [each["reason"] for each in said["skipped"]] == ["not_active"]


async def test_what_lasted_is_carried_over_however_long_the_grace_is_made_later() -> None:
    settings = {"north": District()}
    north = await staffed(Districts(settings))
    await north.coached()
    await at(north, AFTER_THE_GRACE)
    settings["north"] = District(relationships=Relationships(grace_until="10-15"))
    said = await carry(north)
    assert [each["state"] for each in said["carried_over"]] == ["active"]
