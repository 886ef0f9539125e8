"""How many trainings of a person are recorded, who leads a program and is let in to none all the
same, and what is refused of the days of one and told of what was put right."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.write import quota
from services.programs.training import cases
from tests.component.programs.test_enrollments import opened
from tests.component.programs.test_trainings import PATH, at, listed, record, tool
from tests.component.test_programs import PROGRAMS, ask, draft, lead
from tests.support.staff import Staffed, staffed


@pytest.fixture
async def north() -> Staffed:
    return await staffed()


async def correct(north: Staffed, by: str, training: Any, **said: Any) -> Any:
    return await ask(north, by, "POST", at(training, "correct"), {"reason": "mistyped", **said})


async def test_who_leads_a_school_leads_no_program_here(north: Staffed) -> None:
    for who in ("aide", "leader"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "leader"])
    made = await record(north, "aide", program_id=program)
    await record(north, "leader", 404, program_id=program)
    assert await north.status("leader", at(made)) == 404
    for query in (f"program_id={program}", f"program_id={program}&person_id=coach"):
        assert await north.status("leader", f"{PATH}?{query}") == 404, query
        assert await listed(north, "aide", query) == [made["training_id"]], query


async def test_it_is_recorded_while_the_program_is_open_or_runs(north: Staffed) -> None:
    await lead(north)
    program = str((await draft(north))["program_id"])

    async def becomes(how: str) -> None:
        assert (await ask(north, "aide", "POST", f"{PROGRAMS}/{program}/{how}")).is_success, how

    async def refused(by: str) -> None:
        answer = await record(north, by, 409, program_id=program)
        assert answer["code"] == "program_not_open"

    await record(north, "aide", 404, program_id=program)
    await refused("admin")
    made = []
    for how in ("open", "begin"):
        await becomes(how)
        made += [await record(north, by, program_id=program) for by in ("aide", "admin")]
    await becomes("close")
    for by in ("aide", "admin"):
        await refused(by)
    found = await listed(north, "aide", f"program_id={program}")
    assert {*found} == {each["training_id"] for each in made}
    assert (await correct(north, "aide", made[0], tool_id=tool(42))).status_code == 200


async def test_a_draft_of_her_own_opens_nothing_to_her(north: Staffed) -> None:
    await lead(north)
    program = str((await draft(north))["program_id"])
    assert await north.status("aide", f"{PATH}?program_id={program}") == 404
    gone = await ask(north, "aide", "POST", f"{PROGRAMS}/{program}/withdraw")
    assert gone.is_success
    assert await north.status("aide", f"{PATH}?program_id={program}") == 404
    await record(north, "aide", 404, program_id=program)


async def test_why_it_was_put_right_is_told_to_whom_her_contest_is(north: Staffed) -> None:
    for who in ("aide", "peer"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "peer"])
    made = await record(north, "aide", program_id=program)
    done = await correct(north, "aide", made, tool_id=tool(42), reason="contested")
    assert done.status_code == 200
    for who, reason in (
        ("coach", "contested"), ("aide", "contested"), ("admin", "contested"), ("peer", None),
    ):  # fmt: skip
        (one,) = (await ask(north, who, "GET", at(made))).json()["corrections"]
        assert (one["tool_id"], one["reason"]) == (tool(41), reason), who


async def test_no_answer_to_another_lead_differs_once_she_says_that_it_is_wrong(
    north: Staffed,
) -> None:
    for who in ("aide", "peer"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "peer"])
    made = await record(north, "aide", program_id=program)
    right = {"tool_id": tool(42), "reason": "mistyped"}

    async def answers() -> list[Any]:
        told = [await ask(north, "peer", "GET", at(made))]
        told += [await ask(north, "peer", "GET", f"{PATH}?program_id={program}")]
        for seen in ('"1"', '"2"', '"3"'):
            told += [await ask(north, "peer", "POST", at(made, "correct"), right, seen=seen)]
            assert (told[-1].status_code, told[-1].json()["code"]) == (403, "not_who_recorded_it")
        return [(each.headers.get("etag"), each.json().get("trainings")) for each in told]

    before = await answers()
    for number in range(2):
        note = {"note": f"It was the other {number}"}
        assert (await ask(north, "coach", "POST", at(made, "contest"), note)).status_code == 200
        assert await answers() == before
        wrong = await ask(north, "aide", "POST", at(made, "correct"), right, seen=before[0][0])
        assert wrong.status_code == 412  # who recorded it has not seen what she says
        seen = (await ask(north, "aide", "GET", at(made))).headers["etag"]
        more = {"tool_id": tool(43 + number), "reason": "contested"}
        done = await ask(north, "aide", "POST", at(made, "correct"), more, seen=seen)
        assert done.status_code == 200
        before = await answers()
        assert before[0][0] == f'"{number + 2}"'


async def test_it_holds_until_a_day_or_for_good(north: Staffed) -> None:
    made = await record(north)
    both = await correct(north, "admin", made, expires_on="2028-08-20", remove_expires_on=True)
    assert (both.status_code, both.json()["code"]) == (422, "expiry_not_removed")
    assert [each["pointer"] for each in both.json()["errors"]] == ["/remove_expires_on"]


async def test_it_holds_for_ten_years_at_most(north: Staffed) -> None:
    made = await record(north, expires_on="2036-08-20")
    late = await record(north, status=422, expires_on="2036-08-21")
    later = (await correct(north, "admin", made, expires_on="2036-08-21")).json()
    for refused in (late, later):
        assert refused["code"] == "expires_too_late"
        assert [each["pointer"] for each in refused["errors"]] == ["/expires_on"]


async def test_what_was_corrected_she_may_say_is_wrong_once_more(north: Staffed) -> None:
    made = await record(north)
    for number in range(2):
        said = await ask(north, "coach", "POST", at(made, "contest"), {"note": f"Wrong {number}"})
        assert (said.status_code, said.json()["contest_note"]) == (200, f"Wrong {number}")
        twice = await ask(north, "coach", "POST", at(made, "contest"), {"note": "Wrong"})
        assert twice.json()["code"] == "contested_already"
        same = (await correct(north, "admin", made, tool_id=said.json()["tool_id"])).json()
        assert same["contest_note"] == f"Wrong {number}"
        done = (await correct(north, "admin", made, tool_id=tool(number))).json()
        assert (done["contested_at"], done["contest_note"]) == (None, "")


async def void(north: Staffed, by: str, training: Any) -> None:
    body = {"reason": "recorded_twice"}
    assert (await ask(north, by, "POST", at(training, "void"), body)).status_code == 200


async def full(north: Staffed, by: str, **more: Any) -> str:
    refused = await record(north, by, 409, **more)
    assert refused["code"] == "too_many_trainings"
    return str(refused["detail"])


async def test_no_lead_takes_the_districts_places_nor_all_of_the_others(
    north: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (("MOST_BY_ONE", 2), ("MOST_BY_LEADS", 3), ("MOST_TRAININGS", 5)):
        monkeypatch.setattr(cases, name, most)
    for who in ("aide", "peer"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "peer"])
    for _ in range(2):
        await record(north, "aide", program_id=program)
    assert "One who leads" in await full(north, "aide", program_id=program)
    await record(north, "aide", program_id=program, person_id="other")
    await record(north, "peer", program_id=program)
    assert "Who leads" in await full(north, "peer", program_id=program)
    for _ in range(2):
        await record(north, program_id=program)
    assert "At most 5" in await full(north, "admin")
    await record(north, person_id="other")


async def test_what_was_voided_takes_no_place_and_has_a_bound_of_its_own(
    north: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (
        ("MOST_BY_ONE", 1), ("MOST_BY_LEADS", 2), ("MOST_TRAININGS", 3),
        ("MOST_EVER_BY_ONE", 2), ("MOST_EVER_BY_LEADS", 3), ("MOST_EVER", 5),
    ):  # fmt: skip
        monkeypatch.setattr(cases, name, most)
    monkeypatch.setattr(quota, "FULL_SECONDS", 0.0)  # a place that became free is seen at once
    for who in ("aide", "peer"):
        await lead(north, who)
    program = await opened(north, lead_ids=["aide", "peer"])
    for _ in range(2):
        await void(north, "aide", await record(north, "aide", program_id=program))
    told = await full(north, "aide", program_id=program)
    assert told.startswith("One who leads programs records at most 2")
    await void(north, "peer", await record(north, "peer", program_id=program))
    told = await full(north, "peer", program_id=program)
    assert told.startswith("Who leads programs records at most 3")
    for _ in range(2):
        await void(north, "admin", await record(north))
    assert "At most 5" in await full(north, "admin")
