"""A teacher hired today: added by hand, coached at once, confirmed by the next roster file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.roster.person.domain import UNCONFIRMED
from tests.support.platform import Platform
from tests.support.staff import Held, Staffed, staffed

NEW = {"given_name": "Nora", "family_name": "Newman", "org_id": "school-1"}


async def add(
    north: Platform, by: str = "coach", who: str = "new", status: int = 200, **more: str
) -> Any:
    path = f"/roster/v1/people/{who}/provisional"
    answer = await north.ask(f"north/{by}", "PUT", path, {**NEW, **more}, status=status)
    await north.settle()
    return answer.json()


async def waiting(north: Staffed) -> list[str]:
    path = "/roster/v1/people?provisional=true"
    found = (await north.ask("north/admin", "GET", path)).json()
    return [each["person_id"] for each in found["people"]]


async def test_who_was_hired_today_is_coached_at_once_and_listed_until_a_file_has_her() -> None:
    north = await staffed()
    made = await add(north)
    assert made["added_by"] == "coach"
    assert made["added_by_name"] == "Given Coach"
    assert await waiting(north) == ["new"]
    await north.coached("coach", "new")
    assert await north.sees("coach", "new") == {"goals", "surveys", "observations", "insights"}
    await north.roster()  # which does not have her
    assert await waiting(north) == ["new"]
    await north.roster(new=[("teacher", "", "")])
    assert await waiting(north) == []
    told = (await north.ask("north/admin", "GET", "/roster/v1/people/new")).json()
    assert (told["provisional_until"], told["family_name"]) == (None, "New")
    assert await north.sees("coach", "new") != set()
    north.clock.forward(seconds=UNCONFIRMED.total_seconds())
    await north.settle()
    told = (await north.ask("north/admin", "GET", "/roster/v1/people/new")).json()
    assert told["status"] == "active"  # a file has her: she stays
    await north.roster()
    told = (await north.ask("north/admin", "GET", "/roster/v1/people/new")).json()
    assert told["status"] == "removed"  # as everybody whom the file has no more


async def test_whom_no_file_ever_has_leaves_when_her_time_is_over() -> None:
    north = await staffed()
    made = await add(north)
    await north.coached("coach", "new")
    north.clock.forward(seconds=UNCONFIRMED.total_seconds() - 1)
    await north.settle()
    assert await waiting(north) == ["new"]
    again = await add(north, family_name="Newton")
    assert (again["family_name"], again["provisional_until"]) == (
        "Newton",
        made["provisional_until"],
    )
    north.clock.forward(seconds=1)
    await north.settle()
    assert await waiting(north) == []
    assert await north.sees("coach", "new") == set()
    north.clock.forward(seconds=3600)
    await north.settle()
    refused = await add(north, status=409)
    assert refused["code"] == "person_left"
    assert (await add(north, by="admin"))["status"] == "active"  # once more, by the district


async def test_a_coach_adds_for_schools_where_she_works_and_takes_back_what_she_added() -> None:
    north = await staffed()
    assert (await add(north, status=403, org_id="school-2"))["code"] == "not_your_school"
    assert (await add(north, status=422, org_id="district"))["code"] == "unknown_school"
    assert (await add(north, "admin", status=422, org_id="nowhere"))["code"] == "unknown_school"
    assert (await add(north, who="peer", status=409))["code"] == "in_the_roster_file"
    assert (await add(north, who="me", status=422))["code"] == "reserved_id"
    await add(north, "admin", org_id="school-2")
    for by in ("teacher", "leader", "aide"):
        await add(north, by, who="other-one", status=404)
    path = "/roster/v1/people/new/withdraw"
    refused = await north.ask("north/coach", "POST", path, status=403)
    assert refused.json()["code"] == "adder_only"
    await north.ask("north/admin", "POST", path)
    again = await north.ask("north/admin", "POST", path)
    assert again.json()["status"] == "removed"
    assert await waiting(north) == []
    refused = await north.ask("north/admin", "POST", "/roster/v1/people/peer/withdraw", status=409)
    assert refused.json()["code"] == "in_the_roster_file"


async def test_so_many_wait_at_most_of_one_who_adds() -> None:
    north = await staffed()
    for number in range(50):
        path = f"/roster/v1/people/new-{number}/provisional"
        await north.ask("north/coach", "PUT", path, NEW)
    refused = await add(north, who="one-more", status=409)
    assert refused["code"] == "too_many_provisional"
    await add(north, "admin", who="one-more")


async def test_who_was_merged_by_mistake_into_one_added_by_hand_leaves_that_one_provisional() -> (
    None
):
    """Its roles and its time are its own again, unless a file has said of it itself."""
    north = await staffed()
    path, person = "/roster/v1/matches", "/roster/v1/people/new"
    for own in (False, True):
        await add(north)
        body = {"from_person_id": "peer", "into_person_id": "new"}
        match = (await north.ask("north/admin", "POST", path, body)).json()["match_id"]
        await north.ask("north/admin", "POST", f"{path}/{match}/confirm")
        await north.settle()
        held: Held = [("teacher@school-2", "", "")]
        await north.roster(peer=held, **({"new": held} if own else {}))
        told = (await north.ask("north/admin", "GET", person)).json()
        assert (told["provisional_until"], told["added_by"]) == (None, None)
        assert await waiting(north) == []
        await north.ask("north/admin", "POST", f"{path}/{match}/separate")
        await north.settle()
        told = (await north.ask("north/admin", "GET", person)).json()
        schools = [each["org_id"] for each in told["roles"]]
        if own:
            assert (told["provisional_until"], schools) == (None, ["school-2"])
        else:
            assert (told["added_by"], schools) == ("coach", ["school-1"])
            until = north.clock.now() + UNCONFIRMED
            assert datetime.fromisoformat(told["provisional_until"]) == until
            assert await waiting(north) == ["new"]
        await north.roster(peer=held)
