"""What of a program is delivered, as who leads it reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from coaching.programs.v1 import enrollment_events_pb2 as enrollments
from coaching.programs.v1 import program_events_pb2 as programs
from coaching.roster.v1 import grant_events_pb2 as grants
from services.insights.timeline.fold import MEMBERS
from tests.support.insight import COACH, YEAR, Insights, small_district

ADMIN, LEAD, OTHER_LEAD = "admin-1", "lead-1", "lead-2"
TEACHERS = [f"t{number}" for number in range(1, 13)]


@pytest.fixture
async def insights() -> Insights:
    made = await small_district()
    made.person(ADMIN, "districtAdministrator")
    day = made.clock.now().date()
    made.term(str(day), str(day + timedelta(weeks=36)))
    for lead in (LEAD, OTHER_LEAD):
        made.person(lead)
        granted(made, lead)
    for teacher in TEACHERS:
        made.person(teacher)
    say(made)
    say(made, "p2", leads=(OTHER_LEAD,))
    await made.settle()
    return made


def granted(insights: Insights, person: str) -> None:
    said = grants.GrantSnapshot(
        grant_id=f"grant-{person}",
        person_id=person,
        role=grants.GRANT_ROLE_PROGRAM_LEAD,
        org_ids=["school-1"],
        state=grants.GRANT_STATE_OPEN,
    )
    said.begin_date = "2020-01-01"
    insights.publish(grants.GrantGiven(grant=said), said.grant_id, person, 0)


def say(insights: Insights, id: str = "p1", leads: tuple[str, ...] = (LEAD,), **said: Any) -> None:
    snapshot = programs.ProgramSnapshot(
        program_id=id,
        state=programs.PROGRAM_STATE_ACTIVE,
        school_year=YEAR,
        planned_contacts=36,
        lead_ids=leads,
        **said,
    )
    insights.publish(programs.ProgramEdited(program=snapshot), id, id)


def enroll(insights: Insights, teacher: str, program: str = "p1", *, over: bool = False) -> None:
    said = enrollments.EnrollmentSnapshot(
        enrollment_id=f"{program}-{teacher}",
        program_id=program,
        teacher_id=teacher,
        school_year=YEAR,
        state=enrollments.ENROLLMENT_STATE_WITHDRAWN
        if over
        else enrollments.ENROLLMENT_STATE_ENROLLED,
    )
    said.enrolled_at.FromDatetime(insights.clock.now())
    if over:
        said.over_at.FromDatetime(insights.clock.now())
    insights.publish(enrollments.EnrollmentBegun(enrollment=said), said.enrollment_id, teacher)


def hold(insights: Insights, id: str, *teachers: str) -> None:
    said = sessions.CoachingSessionSnapshot(
        coaching_session_id=id,
        coach_id=COACH,
        teacher_ids=teachers,
        school_year=YEAR,
        state=sessions.COACHING_SESSION_STATE_HELD,
        modality="virtual",
        minutes=30,
    )
    said.starts_at.FromDatetime(insights.clock.now())
    for teacher in teachers:
        held = sessions.CoachingSessionHeld(coaching_session=said)
        insights.publish(held, f"{id}-{teacher}", teacher)


async def read(insights: Insights, who: str = LEAD, program: str = "p1", status: int = 200) -> Any:
    await insights.settle()
    async with insights.client(f"north/{who}") as client:
        answer = await client.get(f"/insights/v1/programs/{program}/delivery")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_it_is_of_all_together_and_of_nobody_of_few(insights: Insights) -> None:
    for teacher in TEACHERS[:9]:
        enroll(insights, teacher)
    few = await read(insights)
    assert (few["teacher_count"], few["planned_contacts_each"], few["small_n"]) == (None, None, 10)
    for teacher in TEACHERS[9:]:
        enroll(insights, teacher)
    await insights.settle()
    for week in range(3):
        insights.clock.forward(days=14)
        hold(insights, f"s{week}", *TEACHERS)
    insights.clock.forward(days=7)
    told = await read(insights)
    assert told | {"as_of": "", "stale": False} == {
        "program_id": "p1",
        "school_year": YEAR,
        "teacher_count": 12,
        "small_n": 10,
        "planned_contacts_each": 7.0,
        "delivered_contacts_each": 3.0,
        "median_days_between": 14.0,
        "median_group_size": 12.0,
        "modalities": [{"modality": "virtual", "share": 1.0}],
        "review_due": False,
        "as_of": "",
        "stale": False,
    }
    assert await read(insights, ADMIN) == told
    for person in TEACHERS:
        assert person not in str(told)


async def test_who_withdrew_was_in_it_for_her_time(insights: Insights) -> None:
    for teacher in TEACHERS:
        enroll(insights, teacher)
    await insights.settle()
    insights.clock.forward(days=7)
    hold(insights, "s1", *TEACHERS)
    said = insights.views.rows[MEMBERS]
    assert {row["program"] for row in said.values()} == {"p1"}
    insights.clock.forward(days=7)
    say(insights, size_band=programs.SIZE_BAND_FROM_100)
    for teacher in TEACHERS:
        gone = enrollments.EnrollmentSnapshot(enrollment_id=f"p1-{teacher}")
        erased = enrollments.EnrollmentErased(enrollment=gone)
        insights.publish(erased, f"p1-{teacher}", teacher)
    told = await read(insights)
    assert (told["teacher_count"], told["review_due"]) == (None, True)
    assert {row["program"] for row in insights.views.rows[MEMBERS].values()} == {""}


async def test_it_is_its_leads_and_the_districts_alone(insights: Insights) -> None:
    enroll(insights, "t1")
    await read(insights, OTHER_LEAD, "p2")
    refused = await read(insights, OTHER_LEAD, "p1", 404)
    for who in (COACH, "t1"):
        assert (await read(insights, who, "p1", 404))["code"] == refused["code"]
        assert (await read(insights, who, "none", 404))["code"] == refused["code"]
    missing = await read(insights, ADMIN, "none", 404)
    assert missing["code"] == refused["code"]
