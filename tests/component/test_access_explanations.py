"""Why somebody may, or may not, asked over the API: whom it answers, what it tells, who learns that
it was asked."""

from __future__ import annotations

from typing import Any

import pytest

from services.assembly.registry import SERVICES
from tests.support.staff import Staffed, staffed

GOALS = "/goals/v1/goals"
DRAFT = {
    "teacher_id": "teacher",
    "statement": "Students explain more.",
    "focus_skill": "questioning",
    "measure_id": "clarity",
    "unit": "share",
    "baseline": 0.5,
    "target": 0.7,
}


def place(service: str = "goals", who: str = "coach", whom: str = "teacher", more: str = "") -> str:
    return f"/{service}/v1/access-explanations?person_id={who}&teacher_id={whom}{more}"


async def one(north: Staffed, who: str, operation: str = "get_goal", more: str = "") -> Any:
    """Of one operation, asked by the district's administrator."""
    of = operation.rpartition("_")[2]
    service = "goals" if of == "goal" else "programs"
    path = place(service, who, more=f"&operation={operation}{more}")
    answer = await north.ask("north/admin", "GET", path)
    (found,) = answer.json()["explained"]
    return found


async def goal_of(north: Staffed, teacher: str = "teacher") -> str:
    body = {**DRAFT, "teacher_id": teacher}
    made = await north.ask(f"north/{teacher}", "POST", GOALS, body, status=201)
    return str(made.json()["goal_id"])


async def refused(north: Staffed, who: str, path: str, token: str = "north/") -> tuple[int, str]:
    async with north.client(path.split("/")[1], f"{token}{who}") as client:
        answer = await client.get(path)
    return answer.status_code, answer.json().get("code", "")


async def test_every_service_explains_each_of_its_operations() -> None:
    north = await staffed()
    await north.coached()
    for service in SERVICES:
        answer = await north.ask("north/admin", "GET", place(service))
        api = north.services[service].api
        assert api is not None
        assert {each["operation"] for each in answer.json()["explained"]} == set(api.policies)


async def test_relation_grant_rule_and_what_she_shows_are_told() -> None:
    north = await staffed()
    relationship = await north.coached()
    found = await one(north, "coach")
    assert (found["answer"], found["relation"], found["grant_id"]) == ("allowed", "coach", None)
    assert found["rule"] == ["teacher", "coach", "peer", "shared_with", "partners"]
    assert {"administration", "goal", "observation"} <= set(found["shown"])
    await north.answer("teacher", relationship, coach_sees=["surveys"])
    await north.settle()
    found = await one(north, "coach")
    assert (found["answer"], found["relation"]) == ("depends", None)  # on whom she shares it with
    assert "teacher does not show coach what is of the kind goal" in found["why"]
    found = await one(north, "coach", "activate_goal")
    assert (found["answer"], found["grant_id"]) == ("refused", None)
    assert "goal" not in found["shown"]


async def test_of_one_thing_it_says_what_a_request_is_answered() -> None:
    north = await staffed()
    relationship = await north.coached()
    goal = await goal_of(north)
    for who in ("teacher", "coach", "peer", "leader"):
        found = await one(north, who, more=f"&thing_id={goal}")
        answered = await north.status(who, f"{GOALS}/{goal}")
        assert (found["answer"] == "allowed") is (answered == 200), who
    for who, expected in (("teacher", "allowed"), ("coach", "allowed"), ("peer", "refused")):
        found = await one(north, who, "get_relationship", f"&thing_id={relationship}")
        assert found["answer"] == expected, who


async def test_of_a_circle_it_says_whom_that_names() -> None:
    north = await staffed()
    pair = {"kind": "pair", "member_ids": ["teacher", "peer"], "shows": ["goals"]}
    made = await north.ask("north/teacher", "POST", "/programs/v1/circles", pair, status=201)
    circle = made.json()["circle_id"]
    for who, expected in (("peer", "allowed"), ("coach", "refused"), ("admin", "allowed")):
        found = await one(north, who, "get_circle", f"&thing_id={circle}")
        assert found["answer"] == expected, who


async def test_a_thing_of_another_teacher_or_district_is_as_missing() -> None:
    north = await staffed()
    goal = await goal_of(north, "peer")
    asked = "&operation=get_goal&thing_id="
    for id_ in (goal, "not-there"):
        assert await refused(north, "admin", place(more=f"{asked}{id_}")) == (404, "not_found")
    mine = place(whom="peer", more=f"{asked}{goal}")
    assert (await refused(north, "admin", mine))[0] == 200
    assert (await refused(north, "admin", mine, "south/"))[0] in (401, 403, 404)


async def test_whom_nobody_knows_and_another_districts_are_told_alike() -> None:
    north = await staffed()
    told = []
    for who in ("nobody", "south-only"):
        answer = await north.ask("north/admin", "GET", place(who=who, more="&operation=get_goal"))
        told.append(answer.text.replace(who, "X"))
    assert told[0] == told[1]
    assert "not in the roster" in told[0]


@pytest.mark.parametrize("who", ["teacher", "coach", "leader", "peer", "sis?goals.read"])
async def test_nobody_else_is_told(who: str) -> None:
    north = await staffed()
    await north.coached()
    assert (await refused(north, who, place()))[0] in (403, 404)


async def test_a_records_officer_asks_about_whom_she_is_named_for() -> None:
    north = await staffed()
    body = {
        "person_id": "aide",
        "role": "records_officer",
        "person_ids": ["teacher"],
        "end_date": north.clock.now().date().isoformat(),
        "reason": "She has asked for it in writing.",
    }
    await north.ask("north/admin", "POST", "/roster/v1/grants", body, status=201)
    await north.settle()
    assert (await refused(north, "aide", place()))[0] == 200
    assert (await refused(north, "aide", place(whom="peer")))[0] == 404


async def test_both_find_in_their_lists_that_it_was_asked() -> None:
    north = await staffed()
    await north.ask("north/admin", "GET", place())
    await north.settle()
    for person in ("teacher", "coach"):
        looks = await north.ask(f"north/{person}", "GET", "/privacy/v1/looks?kind=access")
        (look,) = looks.json()["looks"]
        assert (look["viewer_id"], look["operation"]) == ("admin", "get_access_explanation"), person
        assert (look["relation"], look["decision"]) == ("district_admin", "allowed")


async def test_with_whom_a_thing_is_shared_it_does_not_tell() -> None:
    north = await staffed()
    goal = await goal_of(north)
    await north.ask("north/teacher", "POST", f"{GOALS}/{goal}/activate")
    before = await one(north, "peer", more=f"&thing_id={goal}")
    offer = {
        "goal_id": goal,
        "audience": [{"person_id": "peer"}],
        "purpose": "peer_learning",
        "expires_at": north.clock.now().replace(year=2027).isoformat(),
    }
    await north.ask("north/teacher", "POST", "/goals/v1/shares", offer, status=201)
    await north.settle()
    assert await one(north, "peer", more=f"&thing_id={goal}") == before
    assert before["answer"] == "depends"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("&operation=get_tool", "unknown_operation"),
        ("&thing_id=g1", "names_no_thing"),
        ("&operation=get_measure&thing_id=g1", "names_no_thing"),
    ],
)
async def test_what_it_cannot_explain_it_names(more: str, code: str) -> None:
    north = await staffed()
    assert await refused(north, "admin", place(more=more)) == (422, code)
