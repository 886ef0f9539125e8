"""A relationship ends by itself when its school year and the district's grace are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.access.districts import District, Districts, Relationships
from services.chassis.duties.duty import DONE, OPEN, Todo
from services.chassis.log.envelope import open_envelope
from tests.support.staff import Staffed, staffed

HAWAII = "Pacific/Honolulu"  # ten hours behind
LAST_MOMENT = datetime(2027, 9, 1, 9, 59, 59, tzinfo=UTC)  # of August 31 there
CARRY = "/programs/v1/relationships/carry-over"
EVERYTHING = {"goals", "surveys", "observations", "insights"}
YEARS = {"from_school_year": 2027, "to_school_year": 2028}


async def with_coach(**relationships: Any) -> tuple[Staffed, str]:
    settings = District(time_zone=HAWAII, relationships=Relationships(**relationships))
    north = await staffed(Districts({"north": settings}))
    return north, await north.coached()


async def at(north: Staffed, instant: datetime) -> None:
    north.clock.set(instant)
    await north.settle()


async def get(north: Staffed, id: str) -> Any:
    return (await north.ask("north/admin", "GET", f"/programs/v1/relationships/{id}")).json()


async def todos(north: Staffed, *states: str) -> list[Todo]:
    store = north.services["programs"].backing.todos("programs-duties")
    return [each for each in await store.list(states) if each.duty == "end_relationships"]


async def test_it_ends_with_the_last_day_of_the_grace_in_the_district() -> None:
    north, made = await with_coach()
    before = await get(north, made)
    await at(north, LAST_MOMENT)
    assert await get(north, made) == before
    assert [todo.due for todo in await todos(north, OPEN)] == [LAST_MOMENT + timedelta(seconds=1)]
    await at(north, LAST_MOMENT + timedelta(seconds=1))
    after = await get(north, made)
    assert (after["state"], after["version"]) == ("ended", before["version"] + 1)
    assert after["ended_at"] == "2027-09-01T10:00:00Z"
    await at(north, LAST_MOMENT + timedelta(days=300))
    assert await get(north, made) == after
    assert [todo.tries for todo in await todos(north, DONE)] == [1]


async def test_its_end_follows_from_its_proposal() -> None:
    north, made = await with_coach()
    await at(north, LAST_MOMENT + timedelta(days=1))
    ended = [
        dict(record.headers)
        for record in north.log.all("coaching.programs.v1")
        if open_envelope(record.headers, record.key).type.endswith("RelationshipEnded")
    ]
    assert [each["ce_causationid"] for each in ended] == [f"{made}:1".encode()]


async def test_the_grace_is_the_districts() -> None:
    north, made = await with_coach(grace_until="10-15")
    await at(north, LAST_MOMENT + timedelta(days=40))
    assert (await get(north, made))["state"] == "active"
    await at(north, LAST_MOMENT + timedelta(days=45, seconds=1))
    assert (await get(north, made))["state"] == "ended"


async def test_a_proposal_that_nobody_answered_ends_too() -> None:
    north = await staffed()
    made = (await north.propose("coach")).json()["relationship_id"]
    await north.settle()
    await at(north, LAST_MOMENT + timedelta(days=1))
    found = await get(north, made)
    assert (found["state"], found["accepted_at"]) == ("ended", None)


async def test_what_was_ended_before_stays_as_it_was() -> None:
    north, made = await with_coach()
    await north.answer("teacher", made, "end")
    ended = await get(north, made)
    await at(north, LAST_MOMENT + timedelta(days=1))
    assert await get(north, made) == ended


async def test_what_was_proposed_again_ends_once() -> None:
    north, made = await with_coach()
    await north.answer("teacher", made, "end")
    assert await north.coached() == made
    version = (await get(north, made))["version"]
    await at(north, LAST_MOMENT + timedelta(days=1))
    found = await get(north, made)
    assert (found["state"], found["version"]) == ("ended", version + 1)
    assert len(await todos(north, DONE)) == 2


async def test_that_of_the_next_year_goes_on() -> None:
    north, made = await with_coach()
    north.clock.set(datetime(2027, 6, 1, tzinfo=UTC))
    carried = (await north.ask("north/admin", "POST", CARRY, YEARS)).json()["carried_over"]
    await at(north, LAST_MOMENT + timedelta(days=1))
    assert (await get(north, made))["state"] == "ended"
    assert (await get(north, carried[0]["relationship_id"]))["state"] == "active"
    assert await north.sees("coach") == EVERYTHING


async def test_what_lasted_to_the_end_is_carried_over_later_and_what_somebody_ended_is_not() -> (
    None
):
    north, made = await with_coach()
    gone = await north.coached("other", "peer")
    await north.answer("peer", gone, "end")
    waiting = (await north.propose("peer", "coach", "peer")).json()["relationship_id"]
    await at(north, LAST_MOMENT + timedelta(days=9))
    said = (await north.ask("north/admin", "POST", CARRY, YEARS)).json()
    assert [each["from_relationship_id"] for each in said["carried_over"]] == [made]
    assert {each["from_relationship_id"]: each["reason"] for each in said["skipped"]} == {
        gone: "not_active",
        waiting: "not_active",
    }
    await north.settle()
    assert await north.sees("coach") == EVERYTHING
