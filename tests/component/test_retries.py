"""Who asks again under the same key, not knowing what became of it, is answered as the first
time: whatever has changed since, and whether or not there was anything to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from services.chassis.kernel import Fault
from services.surveys.administration.cases import ScheduleAdministration, schedule_administration
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from tests.component.privacy.test_policies import enacted
from tests.component.privacy.test_policies import north as with_policies
from tests.support.coaching import Coaching
from tests.support.staff import Held, Staffed, staffed
from tests.support.survey_examples import CLASS, TEACHER
from tests.support.surveys import Service, call, open_it, opened, publish
from tests.support.twice import GOAL

GOALS, RELATIONSHIPS = "/goals/v1/goals", "/programs/v1/relationships"


async def ask(north: Staffed, who: str, path: str, body: Any, key: str) -> httpx2.Response:
    async with north.client(path.split("/")[1], f"north/{who}") as client:
        return await client.post(path, json=body, headers={"Idempotency-Key": key})


NOW = ("warnings", "findings")  # of a share


def replayed(answer: httpx2.Response, first: httpx2.Response) -> bool:
    """With the thing as it was, but for what its owner is warned of by now."""
    said, before = answer.json(), first.json()
    same = all(
        said[each] == before[each] for each in said.keys() | before.keys() if each not in NOW
    )
    return (
        same
        and answer.status_code == first.status_code
        and answer.headers.get("idempotency-replayed") == "true"
    )


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("gone", ["the coach", "her role", "the teacher", "the year"])
async def test_a_proposal_is_answered_again_though_it_could_not_be_made_any_more(gone: str) -> None:
    north = await staffed()
    body = {"coach_id": "coach", "teacher_id": "teacher", "school_year": 2027}
    by = "coach" if gone == "the teacher" else "teacher"
    first = await ask(north, by, RELATIONSHIPS, body, "k")
    assert first.status_code == 201
    changed: dict[str, dict[str, Held | None]] = {
        "the coach": {"coach": None},
        "her role": {"coach": [("aide", "", "")]},
        "the teacher": {"teacher": [("aide", "", "")]},
        "the year": {},
    }
    await north.roster(**changed[gone])
    if gone == "the year":
        north.clock.forward(days=300)
    assert replayed(await ask(north, by, RELATIONSHIPS, body, "k"), first)
    assert (await ask(north, by, RELATIONSHIPS, body, "another")).status_code == 422


async def test_a_goal_is_answered_again_though_its_year_is_long_over() -> None:
    north = await staffed()
    body = {
        "teacher_id": "teacher",
        "statement": "s",
        "focus_skill": "f",
        "measure_id": "m",
        "unit": "percent",
        "direction": "increase",
        "target": 2,
        "school_year": 2027,
    }
    first = await ask(north, "teacher", GOALS, body, "k")
    assert first.status_code == 201, first.text
    north.clock.forward(days=300)
    assert replayed(await ask(north, "teacher", GOALS, body, "k"), first)
    refused = await ask(north, "teacher", GOALS, body, "another")
    assert code(refused) == (422, "not_this_or_next_year")


@pytest.mark.parametrize("moved", ["class", "goal", "year"])
async def test_a_planned_survey_is_answered_again_though_class_goal_and_year_have_moved_on(
    moved: str,
) -> None:
    service = Service()
    service.roster.change(TEACHER, goals=frozenset({"goal-1"}))
    instrument = await publish(service)

    async def plan(key: str) -> Administration:
        return await schedule_administration(
            service.ports,
            call("schedule_administration", key=key, content="same"),
            ScheduleAdministration(
                instrument_id=instrument.id,
                teacher_id=TEACHER,
                class_id=CLASS,
                goal_id="goal-1",
                school_year=2027,
            ),
        )

    first = await plan("k")
    if moved == "year":
        service.clock.forward(days=300)
    else:
        service.roster.change(
            TEACHER, **({"classes": {}} if moved == "class" else {"goals": frozenset()})
        )
    assert await plan("k") == first
    with pytest.raises(Fault, match=r"unknown_class|unknown_goal|not_this_or_next_year"):
        await plan("another")


async def test_a_proposal_that_found_one_proposed_already_is_not_made_later() -> None:
    north = await staffed()
    made = await north.coached()
    body = {"coach_id": "coach", "teacher_id": "teacher"}
    first = await ask(north, "coach", RELATIONSHIPS, body, "k")
    assert (first.status_code, first.json()["relationship_id"]) == (201, made)
    assert "idempotency-replayed" not in first.headers
    ended = (await north.answer("teacher", made, "end")).json()
    again = await ask(north, "coach", RELATIONSHIPS, body, "k")
    assert (again.status_code, again.json()) == (201, ended)
    assert again.headers["idempotency-replayed"] == "true"
    later = await ask(north, "coach", RELATIONSHIPS, body, "another")
    assert later.json()["state"] == "proposed"


async def test_an_acceptance_that_found_it_accepted_already_is_not_made_later() -> None:
    north = await staffed()
    made = await north.coached()
    accept = f"{RELATIONSHIPS}/{made}/accept"
    assert (await ask(north, "teacher", accept, None, "k")).json()["version"] == 2
    await north.answer("teacher", made, "end")
    proposed = (await north.propose("coach")).json()
    again = await ask(north, "teacher", accept, None, "k")
    hers = {**again.json(), "allowed": proposed["allowed"]}  # she may do other things with it
    assert (again.status_code, hers) == (200, proposed)
    assert (await ask(north, "teacher", accept, None, "another")).json()["state"] == "active"


async def test_codes_that_were_given_again_are_no_reason_to_refuse_later() -> None:
    service = Service()
    survey, codes = await opened(service)

    async def codes_again() -> Sequence[str]:
        return (await open_it(service, survey, key="k"))[1]

    assert await codes_again() == codes
    await close_administration(service.ports, call("close_administration"), survey)
    assert await codes_again() == ()


@pytest.mark.parametrize("since", ["policy_not_acknowledged", "goal_withdrawn"])
async def test_what_was_shared_is_answered_again_though_it_could_not_be_shared_any_more(
    since: str,
) -> None:
    north = await with_policies()
    await north.coached()
    await enacted(north, "district", acknowledge_before_sharing=False)
    await north.settle()
    draft = {"teacher_id": "teacher", **GOAL, "measure_id": "talk"}
    goal = (await Coaching(north).post("teacher", GOALS, draft))["goal_id"]
    body = {
        "goal_id": goal,
        "audience": [{"person_id": "peer"}],
        "purpose": "peer_learning",
        "expires_at": "2026-11-05T14:00:00Z",
    }
    first = await ask(north, "teacher", "/goals/v1/shares", body, "k")
    assert first.status_code == 201
    if since == "goal_withdrawn":
        await Coaching(north).post("teacher", f"{GOALS}/{goal}/withdraw")
    else:
        await enacted(north, "district", number=2)
        await north.settle()
    again = await ask(north, "teacher", "/goals/v1/shares", body, "k")
    assert replayed(again, first)
    warned = ["not_acknowledged"] if since == "policy_not_acknowledged" else []
    assert again.json()["warnings"] == warned
    another = await ask(north, "teacher", "/goals/v1/shares", body, "another")
    assert code(another) == (409, since)
    changed = {**body, "once": True}
    reused = await ask(north, "teacher", "/goals/v1/shares", changed, "k")
    assert code(reused) == (422, "idempotency_key_reused")
