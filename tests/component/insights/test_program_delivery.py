"""What of a program is delivered, as who leads it reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.goals.v1 import trial_events_pb2 as trials
from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from coaching.programs.v1 import enrollment_events_pb2 as enrollments
from coaching.programs.v1 import planning_entry_events_pb2 as entries
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
        "modalities": [],  # all were met in one way
        "steps": [],
        "review_due": False,
        "review": None,
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
    assert told["review"] == {"code": "F20", "rule_version": 1, "evidence_ids": ["p1"]}
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


async def test_its_process_is_told_step_by_step(insights: Insights) -> None:
    """A goal within a week, by events of the goals service, and what nothing tells of."""
    begun_at = Timestamp()
    begun_at.FromDatetime(insights.clock.now())
    steps = [
        programs.ProgramStep(
            stage_id="begin",
            step_id=kind.removeprefix("EVIDENCE_KIND_").lower(),
            need=programs.STEP_NEED_REQUIRED,
            evidence=programs.EvidenceKind.Value(kind),
            due_within=5,
            stage_lasts=10,
        )
        for kind in ("EVIDENCE_KIND_GOAL", "EVIDENCE_KIND_SESSION", "EVIDENCE_KIND_STUDENT_WORK")
    ]
    skipped = programs.ProgramDeviation(
        step_id="session", deviation=programs.DEVIATION_KIND_SKIPPED
    )
    said: dict[str, Any] = {"begun_at": begun_at, "steps": steps}
    for number in range(13, 21):
        insights.person(f"t{number}")
    everybody = [f"t{number}" for number in range(1, 21)]
    for teacher in everybody:
        enroll(insights, teacher)
    say(insights, **said)
    await insights.settle()
    for teacher in everybody[:10]:
        drafted = goals.GoalSnapshot(
            goal_id=f"g-{teacher}",
            teacher_id=teacher,
            school_year=YEAR,
            state=goals.GOAL_STATE_DRAFT,
            direction=goals.DIRECTION_INCREASE,
            drafted_at=begun_at,
        )
        insights.publish(goals.GoalDrafted(goal=drafted), f"g-{teacher}", teacher)
    insights.clock.forward(days=14)
    found = (await read(insights))["steps"]
    assert [each["step_id"] for each in found] == ["goal", "session", "student_work"]
    assert found[0] == {
        "stage_id": "begin",
        "step_id": "goal",
        "need": "required",
        "deviation": None,
        "told": True,
        "outcomes": [{"outcome": "in_time", "share": 0.5}, {"outcome": "not_done", "share": 0.5}],
    }
    assert found[1]["outcomes"] == []  # nobody has done it
    assert (found[2]["told"], found[2]["outcomes"]) == (False, [])
    say(insights, deviations=[skipped], **said)
    left_out = (await read(insights))["steps"][1]
    assert (left_out["deviation"], left_out["outcomes"]) == ("skipped", [])
    for each in steps:
        each.ClearField("stage_lasts")  # as an older build has published it
    say(insights, **said)
    unknown = (await read(insights))["steps"]
    assert [each["outcomes"] for each in unknown] == [[], [], []]
    assert [each["step_id"] for each in unknown] == ["goal", "session", "student_work"]
    for teacher in everybody:
        assert teacher not in str(found)


async def test_what_she_thinks_of_it_is_told_by_trials_and_by_planning_records(
    insights: Insights,
) -> None:
    """Half of them have reflected, some there and some here; what is planned in a record and what
    is only tried is no reflection."""
    now = Timestamp()
    now.FromDatetime(insights.clock.now())
    step = programs.ProgramStep(
        stage_id="begin",
        step_id="look-back",
        need=programs.STEP_NEED_REQUIRED,
        evidence=programs.EVIDENCE_KIND_REFLECTION,
        due_within=5,
        stage_lasts=10,
    )
    everybody = [f"t{number}" for number in range(1, 21)]
    for teacher in everybody:
        insights.person(teacher)
        enroll(insights, teacher)
    say(insights, begun_at=now, steps=[step])
    await insights.settle()
    for number, teacher in enumerate(everybody):
        tried = trials.TrialSnapshot(
            trial_id=f"trial-{teacher}",
            teacher_id=teacher,
            school_year=YEAR,
            state=trials.TRIAL_STATE_REFLECTED if number < 5 else trials.TRIAL_STATE_TRIED,
            planned_at=now,
            agreed_at=now,
            reflected_at=now if number < 5 else None,
        )
        insights.publish(trials.TrialReflected(trial=tried), tried.trial_id, teacher)
        wrote = entries.PlanningEntrySnapshot(
            planning_entry_id=f"entry-{teacher}",
            circle_id="pair-1",
            school_year=YEAR,
            kind="reflect" if 5 <= number < 10 else "plan",
            author_id=teacher,
            teacher_id=teacher,
            written_at=now,
        )
        written = entries.PlanningEntryWritten(planning_entry=wrote)
        insights.publish(written, wrote.planning_entry_id, teacher)
    insights.clock.forward(days=14)
    (found,) = (await read(insights))["steps"]
    assert found["told"] is True
    outcomes = [{"outcome": "in_time", "share": 0.5}, {"outcome": "not_done", "share": 0.5}]
    assert found["outcomes"] == outcomes


async def test_no_teachers_part_is_told_by_taking_her_out_and_back(insights: Insights) -> None:
    """Once her time before was forgotten, and with it all that was held with her."""
    for teacher in TEACHERS:
        enroll(insights, teacher)
    await insights.settle()
    began = insights.clock.now()
    for week in range(6):
        insights.clock.forward(days=7)
        hold(insights, f"s{week}", "t1", *(TEACHERS[1:] if week < 2 else TEACHERS[1:6]))
    insights.clock.forward(days=7)
    before = await read(insights)
    back = enrollments.EnrollmentSnapshot(
        enrollment_id="p1-t1",
        program_id="p1",
        teacher_id="t1",
        school_year=YEAR,
        state=enrollments.ENROLLMENT_STATE_ENROLLED,
    )
    back.enrolled_at.FromDatetime(insights.clock.now())
    stay = back.earlier_stays.add()
    stay.enrolled_at.FromDatetime(began)
    stay.over_at.FromDatetime(insights.clock.now() - timedelta(hours=1))
    insights.publish(enrollments.EnrollmentBegun(enrollment=back), "p1-t1", "t1")
    after = await read(insights)
    assert after | {"as_of": ""} == before | {"as_of": ""}
    insights.clock.forward(days=7)
    assert (await read(insights))["delivered_contacts_each"] == before["delivered_contacts_each"]


async def test_who_was_in_it_for_no_time_is_not_counted(insights: Insights) -> None:
    """As whom a mix-up of records had put into it, once the two are parted."""
    for teacher in TEACHERS[:10]:
        enroll(insights, teacher, over=teacher == "t1")
    await insights.settle()
    insights.clock.forward(days=7)
    assert (await read(insights))["teacher_count"] is None
    enroll(insights, "t11")
    insights.clock.forward(days=7)
    assert (await read(insights))["teacher_count"] == 10
