"""What programs plan and by when they want attention to be called is seen on caseloads, without any
card being written anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from coaching.programs.v1 import enrollment_events_pb2 as enrollments
from coaching.programs.v1 import program_events_pb2 as programs
from services.insights.program.fold import PROGRAMS
from services.insights.program.read import ProgramPlans
from tests.support.insight import COACH, YEAR, Insights, small_district


@pytest.fixture
async def insights() -> Insights:
    """A school year without a holiday in which both teachers have been coached for five weeks."""
    made = await small_district()
    now = made.clock.now()
    day = now.date()
    first, last = day - timedelta(days=70), day + timedelta(days=182)  # 36 weeks
    made.term(first.isoformat(), last.isoformat())
    await made.settle()
    return made


def say(insights: Insights, id: str = "p1", **said: Any) -> None:
    more = {"state": programs.PROGRAM_STATE_ACTIVE, "school_year": YEAR, "planned_contacts": 36}
    snapshot = programs.ProgramSnapshot(program_id=id, **{**more, **said})
    insights.publish(programs.ProgramEdited(program=snapshot), id, id)


def enroll(
    insights: Insights, teacher: str, at: datetime, program: str = "p1", *, over: bool = False
) -> None:
    state = (
        enrollments.ENROLLMENT_STATE_WITHDRAWN if over else enrollments.ENROLLMENT_STATE_ENROLLED
    )
    said = enrollments.EnrollmentSnapshot(
        enrollment_id=f"{program}-{teacher}",
        program_id=program,
        teacher_id=teacher,
        school_year=YEAR,
        state=state,
    )
    said.enrolled_at.FromDatetime(at)
    message = enrollments.EnrollmentBegun(enrollment=said)
    insights.publish(message, said.enrollment_id, teacher)


def hold(insights: Insights, teacher: str, number: int) -> None:
    said = sessions.CoachingSessionSnapshot(
        coaching_session_id=f"s{number}",
        coach_id=COACH,
        teacher_ids=[teacher],
        school_year=YEAR,
        state=sessions.COACHING_SESSION_STATE_HELD,
    )
    said.starts_at.FromDatetime(insights.clock.now() - timedelta(days=number))
    insights.publish(sessions.CoachingSessionHeld(coaching_session=said), f"s{number}", teacher)


async def flags(insights: Insights) -> dict[str, list[str]]:
    """The codes of those that are of dosage or F1, by teacher."""
    await insights.settle()
    async with insights.client(f"north/{COACH}") as client:
        entries = (await client.get("/insights/v1/caseload")).json()["entries"]
    return {
        each["teacher_id"]: [
            flag["code"] for flag in each["flags"] if flag["code"] in ("F1", "F12", "F21")
        ]
        for each in entries
    }


async def test_a_plan_is_held_against_what_was_held(insights: Insights) -> None:
    assert await flags(insights) == {"t1": [], "t2": []}
    began = insights.clock.now()
    enroll(insights, "t1", began)
    await insights.settle()
    insights.clock.forward(days=29)
    before = dict(insights.rows())
    say(insights)
    assert (await flags(insights))["t1"] == ["F1", "F12"]
    assert insights.rows() == before  # no card was written for it
    for number in range(1, 4):
        hold(insights, "t1", number)
    assert (await flags(insights))["t1"] == ["F1"]
    say(insights, planned_contacts=18, attention={"no_observation_days": 100})
    assert (await flags(insights)) == {"t1": [], "t2": ["F1"]}
    say(insights, planned_contacts=9, attention={"overload_percent": 200})
    assert (await flags(insights))["t1"] == ["F1", "F21"]
    enroll(insights, "t1", began, over=True)
    assert (await flags(insights))["t1"] == ["F1"]


@pytest.mark.parametrize(
    "said",
    [
        {"state": programs.PROGRAM_STATE_CLOSED},
        {"school_year": YEAR - 1},
        {"session_id": "nobody-knows-it"},
        {"session_id": "autumn"},
        {"planned_contacts": 8},
    ],
)
async def test_a_program_that_does_not_run_or_plans_little_calls_nobody(
    insights: Insights, said: dict[str, Any]
) -> None:
    day = insights.clock.now().date()
    insights.term(str(day - timedelta(days=70)), str(day), "autumn")
    insights.term(str(day - timedelta(days=70)), str(day + timedelta(days=182)))
    enroll(insights, "t1", insights.clock.now())
    say(insights)
    await insights.settle()
    insights.clock.forward(days=29)
    assert (await flags(insights))["t1"] == ["F1", "F12"]
    say(insights, **said)
    assert (await flags(insights))["t1"] == ["F1"]


async def test_another_districts_program_and_a_broken_one_say_nothing(insights: Insights) -> None:
    enroll(insights, "t1", insights.clock.now())
    insights.district = "south"
    say(insights)
    insights.district = "north"
    say(insights, "p2")
    await insights.settle()
    insights.clock.forward(days=29)
    assert (await flags(insights))["t1"] == ["F1"]
    insights.views.rows[PROGRAMS]["north:p2"]["facts"]["program"]["p2"]["running"] = "yes"
    found = await ProgramPlans(
        insights.ports.caseload.cards.programs._stored, insights.ports.caseload.almanac.troubles
    ).of("north")
    assert found.plans == {}


async def test_a_program_that_its_key_does_not_name_is_parked(insights: Insights) -> None:
    snapshot = programs.ProgramSnapshot(program_id="other", school_year=YEAR)
    insights.publish(programs.ProgramEdited(program=snapshot), "p1", "p1")
    await insights.settle()
    row = insights.views.rows[PROGRAMS]["north:p1"]
    assert row["incomplete"]
    assert not row["facts"]


def process(begun_at: datetime, *, skipped: bool = False) -> dict[str, Any]:
    """Of one stage of ten days: the two talk within five, and the coach visits by its end."""
    talk, visit = (
        programs.ProgramStep(
            stage_id="begin",
            step_id=name,
            actor=programs.STEP_ACTOR_COACH,
            need=programs.STEP_NEED_REQUIRED,
            evidence=evidence,
            due_within=within,
            stage_lasts=10,
        )
        for name, evidence, within in (
            ("talk", programs.EVIDENCE_KIND_SESSION, 5),
            ("visit", programs.EVIDENCE_KIND_OBSERVATION, 10),
        )
    )
    said = {"steps": [talk, visit], "begun_at": Timestamp()}
    said["begun_at"].FromDatetime(begun_at)  # type: ignore[attr-defined]
    left_out = programs.ProgramDeviation(step_id="talk", deviation=programs.DEVIATION_KIND_SKIPPED)
    return said | ({"deviations": [left_out]} if skipped else {})


async def due(insights: Insights, who: str = COACH) -> Any:
    """Of t1, on the caseload of her coach or by her card."""
    await insights.settle()
    path = "caseload" if who == COACH else "cards/t1"
    async with insights.client(f"north/{who}") as client:
        answer = await client.get(f"/insights/v1/{path}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    entries = found["entries"] if who == COACH else [found["entry"]]
    (step,) = (each["due_step"] for each in entries if each["teacher_id"] == "t1")
    return step


async def test_the_step_that_is_due_is_told_to_the_coach_and_to_the_teacher_herself(
    insights: Insights,
) -> None:
    began = insights.clock.now()
    say(insights, **process(began))
    assert await due(insights) is None
    enroll(insights, "t1", began)
    first = await due(insights)
    days = [began.date() + timedelta(days=number) for number in range(1, 20)]
    school = [str(each) for each in days if each.weekday() < 5]
    assert first == {
        "program_id": "p1",
        "stage_id": "begin",
        "step_id": "talk",
        "actor": "coach",
        "due_date": school[4],
        "overdue_days": 0,
    }
    assert await due(insights, "t1") == first
    insights.clock.forward(days=8)
    late = await due(insights)
    assert (late["step_id"], late["overdue_days"] > 0) == ("talk", True)
    before = dict(insights.rows())
    say(insights, **process(began, skipped=True))
    assert (await due(insights))["step_id"] == "visit"
    assert insights.rows() == before  # no card was written for it
    say(insights, **process(began))
    hold(insights, "t1", 1)
    assert await due(insights) == await due(insights, "t1")
    assert (await due(insights))["step_id"] == "visit"
    enroll(insights, "t1", began, over=True)
    assert await due(insights) is None


async def test_a_step_of_a_newer_build_is_told_without_who_acts_and_a_broken_one_not_at_all(
    insights: Insights,
) -> None:
    began = insights.clock.now()
    said = process(began)
    for each in said["steps"]:
        each.actor = each.need = 99
    say(insights, **said)
    enroll(insights, "t1", began)
    found = await due(insights)
    assert (found["step_id"], found["actor"]) == ("talk", None)
    fact = insights.views.rows[PROGRAMS]["north:p1"]["facts"]["program"]["p1"]
    fact["steps"][0]["due_within"] = "soon"
    assert await due(insights) is None


async def test_no_step_is_due_by_what_an_older_build_has_published_without_the_lengths_of_stages(
    insights: Insights,
) -> None:
    """A rebuild reads that as it was published: the days would be others than planned."""
    began = insights.clock.now()
    older = process(began)
    for each in older["steps"]:
        each.ClearField("stage_lasts")
    say(insights, **older)
    enroll(insights, "t1", began)
    assert await due(insights) is None
    for lasts in (0, 10):
        stated = process(began)
        for each in stated["steps"]:
            each.stage_lasts = lasts
        say(insights, **stated)
        assert (await due(insights))["step_id"] == "talk"
