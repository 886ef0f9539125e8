"""Agreements over REST: the two write one down, and the coach sees what both have agreed on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.privacy.test_policies import code
from tests.component.privacy.test_policies import north as with_policies
from tests.component.test_acknowledged_first import REFUSED, acknowledge, in_force
from tests.component.test_programs import ask
from tests.support.staff import Staffed, staffed

PATH = "/programs/v1/agreements"
SAYS = {
    "works_on": "More students talk to each other",
    "how_often": "Every other week",
    "shared_with": "The principal is told that we meet",
    "begin_date": "2026-09-14",
}
ALL = {"goals", "observations", "surveys", "insights"}


@pytest.fixture
async def north() -> Staffed:
    return await staffed(None)


async def offer(
    north: Staffed, by: str, of: str, sees: list[str], status: int = 201, **more: Any
) -> Any:
    body = {"relationship_id": of, **SAYS, "coach_sees": sees, **more}
    answer = await ask(north, by, "POST", PATH, body)
    assert answer.status_code == status, answer.text
    await north.settle()
    return answer.json()


async def act(
    north: Staffed, who: str, made: Any, how: str, number: int | None = None, status: int = 200
) -> Any:
    """Do it, and let every service know."""
    body = None if number is None else {"number": number}
    answer = await ask(north, who, "POST", f"{PATH}/{made['agreement_id']}/{how}", body)
    assert answer.status_code == status, answer.text
    await north.settle()
    return answer.json()


async def coach_sees(north: Staffed, of: str) -> list[str]:
    answer = await north.ask("north/teacher", "GET", f"/programs/v1/relationships/{of}")
    return list(answer.json()["coach_sees"])


async def test_the_coach_sees_what_both_have_agreed_on(north: Staffed) -> None:
    of = await north.coached()
    assert await north.sees("coach") == ALL
    made = await offer(north, "coach", of, ["goals"])
    assert (made["state"], made["offered"]["works_on"]) == ("offered", SAYS["works_on"])
    assert await north.sees("coach") == ALL  # nothing is agreed yet
    made = await act(north, "teacher", made, "accept", 1)
    assert (made["state"], made["offered"], made["in_force"]["number"]) == ("in_force", None, 1)
    assert await coach_sees(north, of) == ["goals"]
    assert await north.sees("coach") == {"goals", "insights"}


async def test_what_the_teacher_offers_counts_once_the_coach_accepts(north: Staffed) -> None:
    of = await north.coached()
    made = await offer(north, "teacher", of, ["goals", "surveys"])
    assert made["allowed"] == ["withdraw_agreement"]
    await act(north, "coach", made, "accept", 1)
    assert await coach_sees(north, of) == ["goals", "surveys"]
    newer = await offer(north, "coach", of, ["goals", "observations", "surveys"])
    assert newer["agreement_id"] == made["agreement_id"]
    assert (newer["in_force"]["number"], newer["offered"]["number"]) == (1, 2)
    assert await coach_sees(north, of) == ["goals", "surveys"]
    refused = await act(north, "teacher", made, "accept", 1, status=409)
    assert refused["code"] == "another_version"
    await act(north, "teacher", made, "accept", 2)
    assert await north.sees("coach") == ALL


async def test_she_shows_less_on_any_day_and_an_older_word_widens_nothing(north: Staffed) -> None:
    of = await north.coached()
    made = await offer(north, "teacher", of, ["goals", "surveys"])
    await north.answer("teacher", of, coach_sees=["goals"])  # after what she has offered
    await act(north, "coach", made, "accept", 1)
    assert await coach_sees(north, of) == ["goals"]
    made = await offer(north, "coach", of, ["goals", "surveys"])
    await act(north, "teacher", made, "accept", 2)
    assert await coach_sees(north, of) == ["goals", "surveys"]
    await north.answer("teacher", of, coach_sees=["surveys"])
    await north.settle()
    assert await north.sees("coach") == {"surveys", "insights"}


async def test_it_is_the_two_s_alone(north: Staffed) -> None:
    of = await north.coached()
    await offer(north, "leader", of, ["goals"], status=404)
    await offer(north, "admin", of, ["goals"], status=404)
    await offer(north, "coach", "no-such", ["goals"], status=404)
    made = await offer(north, "coach", of, ["goals"])
    place = f"{PATH}/{made['agreement_id']}"
    for who in ("leader", "admin", "other", "peer"):
        assert await north.status(who, place) == 404, who
        assert (await north.ask(f"north/{who}", "GET", PATH)).json()["agreements"] == []
    for who in ("coach", "teacher"):
        (found,) = (await north.ask(f"north/{who}", "GET", PATH)).json()["agreements"]
        assert found["agreement_id"] == made["agreement_id"]
        assert "works_on" not in str(found)
    await act(north, "teacher", made, "decline")


async def test_only_an_active_relationship_has_one_and_it_ends_with_it(north: Staffed) -> None:
    proposed = (await north.propose("coach")).json()["relationship_id"]
    refused = await offer(north, "coach", proposed, ["goals"], status=409)
    assert refused["code"] == "not_active"
    of = await north.coached()
    made = await offer(north, "coach", of, ["goals"])
    await act(north, "teacher", made, "accept", 1)
    waiting = await offer(north, "coach", of, ["goals", "surveys"])
    await north.answer("coach", of, "end")
    refused = await act(north, "teacher", waiting, "accept", 2, status=409)
    assert refused["code"] in ("not_active", "nothing_offered")
    await north.settle()
    found = await north.ask("north/teacher", "GET", f"{PATH}/{made['agreement_id']}")
    assert (found.json()["state"], len(found.json()["earlier_versions"])) == ("over", 2)
    await north.coached()
    again = await offer(north, "teacher", of, ["goals"])
    assert (again["agreement_id"], again["offered"]["number"]) == (made["agreement_id"], 3)


async def test_the_same_request_again_is_answered_and_not_done_again(north: Staffed) -> None:
    of = await north.coached()
    body = {"relationship_id": of, **SAYS, "coach_sees": ["goals"]}
    async with north.client("programs", "north/coach") as client:
        for _ in range(2):
            answer = await client.post(PATH, json=body, headers={"Idempotency-Key": "one"})
            assert answer.json()["offered"]["number"] == 1


async def test_a_day_or_a_word_that_is_none_is_refused(north: Staffed) -> None:
    of = await north.coached()
    refused = await offer(north, "coach", of, ["goals"], status=422, end_date="2026-09-13")
    assert refused["code"] == "ends_before_it_begins"
    refusals: list[dict[str, Any]] = [
        {"coach_sees": []},
        {"coach_sees": ["diary"]},
        {"works_on": "x" * 2_001},
    ]
    for wrong in refusals:
        body = {"relationship_id": of, **SAYS, "coach_sees": ["goals"], **wrong}
        assert (await ask(north, "coach", "POST", PATH, body)).status_code == 422
    assert (await north.ask("north/coach", "GET", PATH)).json()["agreements"] == []


async def test_a_coach_sees_no_more_before_the_teacher_has_acknowledged_the_policy() -> None:
    north = await with_policies()
    of = await north.coached()
    await north.answer("teacher", of, coach_sees=["goals"])
    policy = await in_force(north, "district")
    made = await offer(north, "coach", of, ["goals", "surveys"])
    answer = await ask(
        north, "teacher", "POST", f"{PATH}/{made['agreement_id']}/accept", {"number": 1}
    )
    assert code(answer) == REFUSED
    await acknowledge(north, policy)
    await act(north, "teacher", made, "accept", 1)
    assert await coach_sees(north, of) == ["goals", "surveys"]


async def test_a_coach_who_has_come_to_lead_reads_it_no_more(north: Staffed) -> None:
    of = await north.coached()
    made = await offer(north, "coach", of, ["goals"])
    await act(north, "teacher", made, "accept", 1)
    await north.roster(coach=[("principal", "", "")])
    assert await north.status("coach", f"{PATH}/{made['agreement_id']}") == 404
    assert (await north.ask("north/coach", "GET", PATH)).json()["agreements"] == []
    assert await north.status("coach", f"/programs/v1/planning-records/{of}") == 404
    assert await north.status("teacher", f"{PATH}/{made['agreement_id']}") == 200
