"""Another coach goes on with a teacher: she decides whether, and what of her work passes."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from services.access.districts import District, Districts
from tests.component.test_programs import ask
from tests.support.staff import PEOPLE, Staffed, staffed
from tests.support.twice import MATCHES, TEACHES, Twice

PATH = "/programs/v1/relationships"


@pytest.fixture
async def north() -> Staffed:
    return await staffed(None)


async def act(
    north: Staffed, who: str, of: str, how: str = "", body: Any = None, status: int = 200
) -> Any:
    """Do it, and let every service know."""
    place = f"{PATH}/{of}/hand-over{how and f'/{how}'}"
    answer = await ask(north, who, "POST", place, body)
    assert answer.status_code == status, answer.text
    await north.settle()
    return answer.json()


OTHER = {"coach_id": "other"}


async def between(north: Staffed, coach: str, who: str = "teacher") -> list[Any]:
    path = f"{PATH}?coach_id={coach}&teacher_id=teacher"
    answer = await north.ask(f"north/{who}", "GET", path)
    return list(answer.json()["relationships"])


@pytest.mark.parametrize("by", ["coach", "admin"])
async def test_the_new_one_sees_what_the_teacher_lets_pass_and_the_old_one_nothing(
    north: Staffed, by: str
) -> None:
    of = await north.coached()
    made = await act(north, by, of, body=OTHER)
    assert (made["state"], made["handover"]["coach_id"]) == ("active", "other")
    assert await north.sees("other") == set()  # nothing passes without her word
    assert await between(north, "other", by if by == "admin" else "teacher") == []
    old = await act(north, "teacher", of, "accept", {**OTHER, "coach_sees": ["goals"]})
    assert (old["state"], old["handover"]["accepted_at"]) == ("ended", old["ended_at"])
    (new,) = await between(north, "other")
    assert (new["state"], new["coach_sees"], new["proposed_by"]) == ("active", ["goals"], by)
    assert await north.sees("other") == {"goals", "insights"}
    assert await north.sees("coach") == set()
    (kept,) = await between(north, "coach", "coach")
    assert (kept["state"], kept["accepted_at"]) == ("ended", made["accepted_at"])


async def test_who_says_no_is_told_to_nobody(north: Staffed) -> None:
    of = await north.coached()
    answers = []
    for who, how in (("teacher", "decline"), ("coach", "withdraw")):
        await act(north, "coach", of, body=OTHER)
        assert (await act(north, "other", of, "accept", {**OTHER, "coach_sees": ["goals"]}, 404))[
            "code"
        ]
        await act(north, who, of, how)
        found = (await north.ask("north/admin", "GET", f"{PATH}/{of}")).json()
        answers.append({name: each for name, each in found.items() if name != "version"})
        refused = await act(north, "coach", of, body=OTHER, status=409)
        assert refused["code"] == "proposed_lately"
        north.clock.forward(days=14)
    assert answers[0] == answers[1]
    assert (answers[0]["state"], answers[0]["handover"]) == ("active", None)
    assert answers[0]["earlier_rounds"] == []


async def test_a_coach_who_has_proposed_enough_keeps_the_district_from_nothing() -> None:
    coaches = dict.fromkeys(("c-1", "c-2", "c-3"), PEOPLE["coach"])
    north = await staffed(None, **coaches)
    of = await north.coached()
    for coach in coaches:
        await act(north, "coach", of, body={"coach_id": coach})
    refused = await act(north, "coach", of, body=OTHER, status=409)
    assert refused["code"] == "proposed_lately"
    for coach in ("other", "c-3"):
        made = await act(north, "admin", of, body={"coach_id": coach})
        assert made["handover"]["coach_id"] == coach


async def test_what_the_district_proposed_the_coach_neither_takes_back_nor_replaces() -> None:
    north = await staffed(None, **{"c-1": PEOPLE["coach"]})
    of = await north.coached()
    await act(north, "coach", of, body={"coach_id": "c-1"})
    made = await act(north, "admin", of, body=OTHER)  # the district replaces hers
    for how, body in (("withdraw", None), ("", {"coach_id": "c-1"}), ("", OTHER)):
        refused = await act(north, "coach", of, how, body, 403)
        assert refused["code"] == "district_proposed"
    found = (await north.ask("north/coach", "GET", f"{PATH}/{of}")).json()
    assert found["handover"] == made["handover"]
    assert not {"hand_over_relationship", "withdraw_handover"} & set(found["allowed"])
    await act(north, "admin", of, "withdraw")


async def test_it_is_the_teacher_s_to_accept_and_what_passes_hers_to_say(north: Staffed) -> None:
    of = await north.coached()
    refused = await act(north, "teacher", of, body=OTHER, status=403)
    assert refused["code"] == "teacher_decides"
    refused = await act(north, "teacher", of, "accept", {**OTHER, "coach_sees": ["goals"]}, 409)
    assert refused["code"] == "no_handover"
    await act(north, "coach", of, body=OTHER)
    for who in ("coach", "admin"):
        status = 403 if who == "coach" else 404
        await act(north, who, of, "accept", {**OTHER, "coach_sees": ["goals"]}, status)
    await act(north, "teacher", of, "accept", {**OTHER, "coach_sees": []}, 422)
    await act(north, "teacher", of, "withdraw", status=403)
    found = await north.ask("north/teacher", "GET", f"{PATH}/{of}")
    allowed = found.json()["allowed"]
    assert {"accept_handover", "decline_handover"} <= set(allowed)
    assert not {"hand_over_relationship", "withdraw_handover"} & set(allowed)


@pytest.mark.parametrize(
    ("coach", "status", "code"),
    [
        ("aide", 422, "not_a_coach"),
        ("nobody", 422, "unknown_coach"),
        ("coach", 422, "nobody_else"),
        ("teacher", 422, "nobody_else"),
    ],
)
async def test_only_somebody_else_who_may_coach_is_proposed(
    north: Staffed, coach: str, status: int, code: str
) -> None:
    of = await north.coached()
    refused = await act(north, "coach", of, body={"coach_id": coach}, status=status)
    assert refused["code"] == code


async def test_she_alone_is_told_that_the_other_coaches_her_already(north: Staffed) -> None:
    of = await north.coached()
    await north.coached("other")
    await act(north, "coach", of, body=OTHER)
    refused = await act(north, "teacher", of, "accept", {**OTHER, "coach_sees": ["goals"]}, 409)
    assert refused["code"] == "coached_already"


async def test_she_accepts_whom_she_has_read_of(north: Staffed) -> None:
    of = await north.coached()
    await act(north, "coach", of, body=OTHER)
    said = {"coach_id": "coach", "coach_sees": ["goals"]}
    refused = await act(north, "teacher", of, "accept", said, 409)
    assert refused["code"] == "another_coach"
    assert await north.sees("other") == set()


async def accepted(north: Staffed) -> None:
    """The teacher has said yes, and the duty has not run."""
    of = await north.coached()
    await act(north, "coach", of, body=OTHER)
    said = {**OTHER, "coach_sees": ["goals", "observations", "surveys"]}
    answer = await ask(north, "teacher", "POST", f"{PATH}/{of}/hand-over/accept", said)
    assert answer.status_code == 200, answer.text


async def test_what_she_has_said_since_stays_however_late_the_duty_runs(north: Staffed) -> None:
    await accepted(north)
    later = (await north.propose("other", "other")).json()["relationship_id"]
    await north.answer("teacher", later, "decline")
    await north.settle()
    (new,) = await between(north, "other")
    assert new["state"] == "declined"
    assert await north.sees("other") == set()


async def test_what_she_shows_by_a_newer_word_is_not_widened(north: Staffed) -> None:
    await accepted(north)
    later = (await north.propose("other", "other")).json()["relationship_id"]
    await north.answer("teacher", later, "accept", coach_sees=["surveys"])
    await north.settle()
    assert await north.sees("other") == {"surveys", "insights"}


async def test_it_begins_though_the_old_one_asks_her_again_before(north: Staffed) -> None:
    await accepted(north)
    await north.propose("coach")
    await north.settle()
    (new,) = await between(north, "other")
    assert (new["state"], new["proposed_at"]) == ("active", new["accepted_at"])
    (old,) = await between(north, "coach")
    assert old["state"] == "proposed"


async def test_what_had_ended_with_the_other_begins_again_with_what_she_says_now(
    north: Staffed,
) -> None:
    of = await north.coached()
    before = await north.coached("other")
    await north.answer("teacher", before, "end")
    await north.settle()
    north.clock.forward(seconds=1)
    await act(north, "coach", of, body=OTHER)
    await act(north, "teacher", of, "accept", {**OTHER, "coach_sees": ["surveys"]})
    (new,) = await between(north, "other")
    assert (new["relationship_id"], new["state"], new["coach_sees"]) == (
        before, "active", ["surveys"],
    )  # fmt: skip
    assert await north.sees("other") == {"surveys", "insights"}


async def test_she_acknowledges_that_the_new_one_leads() -> None:
    allows = Districts({"north": District(administrators_may_coach=True)})
    north = await staffed(allows, other=[("ext:coach", "", ""), ("principal", "", "")])
    of = await north.coached()
    await act(north, "coach", of, body=OTHER)
    said: dict[str, Any] = {**OTHER, "coach_sees": ["goals"]}
    refused = await act(north, "teacher", of, "accept", said, 422)
    assert refused["code"] == "acknowledgment_needed"
    await act(north, "teacher", of, "accept", {**said, "acknowledges": ["coach_leads"]})
    assert await north.sees("other") == {"goals", "insights"}


async def test_with_the_relationship_the_proposal_is_over(north: Staffed) -> None:
    of = await north.coached()
    await act(north, "coach", of, body=OTHER)
    await north.answer("teacher", of, "end")
    refused = await act(north, "teacher", of, "accept", {**OTHER, "coach_sees": ["goals"]}, 409)
    assert refused["code"] == "no_handover"
    assert (await north.ask("north/teacher", "GET", f"{PATH}/{of}")).json()["handover"] is None


@pytest.mark.parametrize("whose", ["teacher", "other"])
async def test_it_begins_by_the_records_that_the_two_have_by_then(whose: str) -> None:
    """Merged after she has accepted it, and before the duty has run."""
    twice = Twice()
    held = TEACHES if whose == "teacher" else [("ext:coach", "", "")]
    await twice.north.roster(older=held)
    teacher, coach = ("older", "other") if whose == "teacher" else ("teacher", "older")
    of = await twice.north.coached("coach", teacher)
    place = f"{PATH}/{of}/hand-over"
    await twice.post("coach", place, {"coach_id": coach})
    match = await twice.proposed("older", whose)
    await twice.north.settle()
    programs = twice.north.services["programs"]
    assert programs.duties is not None
    with patch.object(programs.duties, "round", nothing):
        await twice.post(teacher, f"{place}/accept", {"coach_id": coach, "coach_sees": ["goals"]})
        await twice.post("admin", f"{MATCHES}/{match}/confirm")
        await twice.north.settle()
    await twice.north.settle()
    await twice.later()
    (new,) = await between(twice.north, "other")
    assert (new["state"], new["coach_sees"]) == ("active", ["goals"])


async def nothing() -> int:
    return 0
