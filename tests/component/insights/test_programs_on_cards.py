"""What programs plan and by when they want attention to be called is seen on caseloads, without any
card being written anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

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
