"""Coaching programs over REST: who leads them, and what of them can be changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.staff import Staffed, staffed

PROGRAMS = "/programs/v1/programs"
SAYS: dict[str, Any] = {
    "name": "Talk in math lessons",
    "type": "one_to_one",
    "purpose": "new_pedagogy",
    "focus": "content",
    "modality": "in_person",
    "success_criteria": [{"criterion_id": "talk", "statement": "Students talk more"}],
}


async def ask(
    north: Staffed, who: str, method: str, path: str, body: Any = None, **more: str
) -> Any:
    async with north.client("programs", f"north/{who}") as client:
        headers = {"If-Match": more["seen"]} if more else {}
        return await client.request(method, path, json=body, headers=headers)


async def draft(north: Staffed, who: str = "aide", **more: Any) -> Any:
    answer = await ask(north, who, "POST", PROGRAMS, {**SAYS, "template": "weekly-steps", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def lead(north: Staffed, who: str = "aide", **more: Any) -> str:
    """The id of a grant by which she leads programs."""
    body = {"person_id": who, "role": "program_lead", "org_ids": ["school-1"], "reason": "She does"}
    made = await north.ask("north/admin", "POST", "/roster/v1/grants", {**body, **more})
    await north.settle()
    return str(made.json()["grant_id"])


@pytest.fixture
async def north() -> Staffed:
    return await staffed()


async def test_who_was_given_to_lead_programs_leads_those_that_name_her(north: Staffed) -> None:
    refused = await ask(north, "aide", "POST", PROGRAMS, SAYS)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    grant = await lead(north)
    hers = await draft(north)
    assert [each["lead_id"] for each in hers["leads"]] == ["aide"]
    assert set(hers["allowed"]) == {
        f"{what}_program" for what in ("edit", "plan", "open", "withdraw")
    }
    others = await draft(north, "admin")
    path = f"{PROGRAMS}/{others['program_id']}"
    assert (await ask(north, "aide", "POST", f"{path}/open")).status_code == 404
    assert (await ask(north, "aide", "GET", path)).json()["allowed"] == []
    path = f"{PROGRAMS}/{hers['program_id']}"
    assert (await ask(north, "aide", "POST", f"{path}/open")).status_code == 200
    await north.ask("north/admin", "POST", f"/roster/v1/grants/{grant}/end", {"reason": "Over"})
    await north.settle()
    assert (await ask(north, "aide", "POST", f"{path}/begin")).status_code == 404
    assert (await ask(north, "admin", "POST", f"{path}/begin")).status_code == 200


async def test_coaches_read_programs_and_neither_teachers_nor_leaders_do(north: Staffed) -> None:
    made = await draft(north, "admin")
    path = f"{PROGRAMS}/{made['program_id']}"
    for who, status in (("coach", 200), ("teacher", 403), ("leader", 403), ("aide", 403)):
        assert (await ask(north, who, "GET", path)).status_code == status, who
        listed = await ask(north, who, "GET", PROGRAMS)
        assert listed.status_code == (200 if status == 200 else 403), who
    (told,) = (await ask(north, "coach", "GET", PROGRAMS)).json()["programs"]
    assert "stages" not in told
    assert (told["template"], told["template_version"], told["allowed"]) == ("weekly-steps", 1, [])
    for who in ("coach", "admin"):
        assert (await ask(north, who, "POST", f"{path}/open")).status_code == (
            200 if who == "admin" else 404
        )


async def test_a_program_opens_once_it_says_what_success_is(north: Staffed) -> None:
    made = await draft(north, "admin", success_criteria=[])
    path = f"{PROGRAMS}/{made['program_id']}"
    assert "open_program" not in made["allowed"]
    refused = await ask(north, "admin", "POST", f"{path}/open")
    assert (refused.status_code, refused.json()["code"]) == (409, "success_criteria_needed")
    edited = await ask(north, "admin", "POST", f"{path}/edit", SAYS, seen='"1"')
    assert edited.json()["version"] == 2
    assert (await ask(north, "admin", "POST", f"{path}/open")).json()["state"] == "enrolling"
    late = {**SAYS, "success_criteria": [{"criterion_id": "talk", "statement": "They come"}]}
    refused = await ask(north, "admin", "POST", f"{path}/edit", late, seen='"3"')
    assert (refused.status_code, refused.json()["code"]) == (409, "program_opened")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"template": "unheard-of"}, "unknown_template", "/template"),
        ({"lead_ids": ["nobody"]}, "unknown_lead", "/lead_ids/0"),
        ({"currency": "USD"}, "cost_without_currency", "/currency"),
        ({"cost_per_coach_hour": -1, "currency": "USD"}, "", "/cost_per_coach_hour"),
        ({"success_criteria": [SAYS["success_criteria"][0]] * 2}, "success_criterion_repeated", ""),
        ({"school_year": 2040}, "", "/school_year"),
        ({"stages": [{"stage_id": "one", "title": "One", "steps": []}]}, "", "/stages/0/steps"),
    ],
    ids=str,
)
async def test_what_no_program_is_stores_nothing(
    north: Staffed, body: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await ask(north, "admin", "POST", PROGRAMS, {**SAYS, **body})
    assert answer.status_code == 422
    told = answer.json()
    assert not code or told["code"] == code
    assert told["errors"][0]["pointer"].startswith(pointer)
    assert (await ask(north, "admin", "GET", PROGRAMS)).json()["programs"] == []


async def test_a_template_and_a_process_of_its_own_are_not_both_sent(north: Staffed) -> None:
    made = await draft(north, "admin")
    body = {**SAYS, "template": "weekly-steps", "stages": made["stages"]}
    answer = await ask(north, "admin", "POST", PROGRAMS, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "template_and_stages")
    path = f"{PROGRAMS}/{made['program_id']}/plan"
    planned = (await ask(north, "admin", "POST", path, {"stages": made["stages"][1:]})).json()
    assert planned["stages"] == made["stages"][1:]
    assert (planned["template"], planned["template_version"], planned["revision"]) == ("", 0, 2)


async def test_lists_are_narrowed_and_leave_out_withdrawn_drafts(north: Staffed) -> None:
    first, second = [await draft(north, "admin") for _ in range(2)]
    next_year = await draft(north, "admin", school_year=2028)
    path = f"{PROGRAMS}/{first['program_id']}/withdraw"
    assert (await ask(north, "admin", "POST", path)).status_code == 200

    async def listed(query: str) -> set[str]:
        answer = await ask(north, "admin", "GET", f"{PROGRAMS}?{query}")
        return {each["program_id"] for each in answer.json()["programs"]}

    assert await listed("") == {second["program_id"], next_year["program_id"]}
    assert await listed("state=withdrawn") == {first["program_id"]}
    assert len(await listed("taken_back=true")) == 3
    assert await listed("school_year=2028") == {next_year["program_id"]}
