"""A year of one-to-one coaching by weekly steps, on real engines: two coaches, what they record of
their time, and a teacher whom one hands over to the other. A table says who is shown what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.ctl.demo.district import Shape
from tests.support.coaching_year import ADMIN, ALL_WORK, CoachingYear, begun, each, teachers
from tests.support.stack import RunningStack
from tests.support.truth import untrue
from tests.support.waiting import eventually
from tests.support.who_sees import Row, assert_shown, check_policies, table

DISTRICT = "ridge"
SHAPE = Shape("Ridge", schools=3, teachers=8, coaches=3)
ALL = teachers(1, 8)
HER = ALL[0]
COACH, SUCCESSOR = "coach-01", "coach-02"
CASELOADS = {COACH: ALL[:4], SUCCESSOR: ALL[4:]}
LEAD = "leader-02"
PEOPLE = {
    "teacher": HER,
    "coach": COACH,
    "other_coach": SUCCESSOR,
    "facilitator": "coach-03",  # one who coaches nobody
    "lead": LEAD,
    "principal": "leader-01",
    "admin": ADMIN,
    "colleague": ALL[1],
    "app": "app?goals.read+caseloads.read+relationships.read",
}
PROGRAM: Mapping[str, Any] = {
    "name": "A small step each week",
    "type": "one_to_one",
    "purpose": "new_pedagogy",
    "focus": "content",
    "modality": "in_person",
    "template": "weekly-steps",
    "planned_contacts": 20,
    "success_criteria": [{"criterion_id": "talk", "statement": "Students talk for longer"}],
}
SESSIONS, CONTACTS = "/programs/v1/coaching-sessions", "/programs/v1/session-contacts"
SERIES = "/programs/v1/session-series"
SPENT = [{"activity": "observe", "minutes": 15}, {"activity": "debrief", "minutes": 30}]

# Of a session without a teacher she is shown nothing.
HIDDEN = {"teacher": "get_coaching_session"}
# `{of}` and `{coach}` are those of the relationship in force.
SEES = """
    get_program | /programs/v1/programs/{program}
        coach other_coach facilitator lead admin
    get_program_process | /programs/v1/programs/{program}/process
        teacher colleague coach other_coach facilitator lead admin
    get_program_delivery | /insights/v1/programs/{program}/delivery
        lead admin
    get_enrollment | /programs/v1/enrollments/{enrollment}
        teacher lead admin
    get_coaching_session | /programs/v1/coaching-sessions/{held}
        teacher ALONE
    get_coaching_session | /programs/v1/coaching-sessions/{missed}
        teacher ALONE
    get_coaching_session | /programs/v1/coaching-sessions/{contact}
        teacher ALONE
    get_coaching_session | /programs/v1/coaching-sessions/{support}
        RECORDED
    get_coaching_session | /programs/v1/coaching-sessions/{several}
        teacher colleague RECORDED
    list_coaching_sessions | /programs/v1/coaching-sessions?teacher_id={her} | {held}
        teacher ALONE
    get_goal | /goals/v1/goals/{goal}
        teacher coach app
    get_trial | /goals/v1/trials/{keep}
        teacher coach
    get_observation | /observations/v1/observations/{visit}
        teacher coach
    get_card | /insights/v1/cards/{her}
        teacher coach
    list_timeline | /insights/v1/timeline?teacher_id={her} | {goal}
        teacher coach
    get_caseload | /insights/v1/caseloads/{coach} | {her}
        coach app
    get_own_caseload | /insights/v1/caseload | "teacher_id":"{her}"
        coach
    get_relationship | /programs/v1/relationships/{of}
        teacher coach admin app
    list_relationships | /programs/v1/relationships?coach_id={coach}&teacher_id={her} | {of}
        teacher coach admin app
    get_planning_entry | /programs/v1/planning-entries/{entry}
        teacher RECORDED
    get_planning_record | /programs/v1/planning-records/{of}
        teacher coach
    """


def sees(alone: str, recorded: str) -> list[Row]:
    """`alone`: who sees the sessions with her alone, which is their coach while she is hers;
    `recorded`: who has recorded the others, and has written the entry."""
    return table(SEES.replace("ALONE", alone).replace("RECORDED", recorded))


@pytest.fixture
async def ridge(stack: RunningStack, tmp_path: Path) -> AsyncIterator[CoachingYear]:
    """Whose cards agree with both oracles when the test is over."""
    yield await begun(stack, DISTRICT, tmp_path, SHAPE)
    await stack.assert_cards_are_true()


def ago(**span: float) -> str:
    """So long before now."""
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


async def test_a_year_of_weekly_steps(ridge: CoachingYear, stack: RunningStack) -> None:
    rows = sees("coach", "coach")
    check_policies(rows, PEOPLE, PEOPLE["app"].partition("?")[2].split("+"), HIDDEN)
    await the_program_begins(ridge)
    await they_work_together(ridge)
    await her_coach_records_her_time(ridge)
    ridge.ids |= {"coach": COACH, "of": ridge.ids[f"relationship of {HER}"]}
    await assert_shown(ridge, rows, PEOPLE, ridge.ids)
    for coach, hers in CASELOADS.items():
        goals = {who: ridge.ids[f"goal of {who}"] for who in hers[1:]}
        await ridge.measured(f"one to one, {coach}", coach, goals, times=4)
    await a_flag_is_answered(ridge)
    await she_is_handed_over(ridge)
    await eventually(lambda: true(stack), timeout=30)


async def the_program_begins(year: CoachingYear) -> None:
    await year.agree_on_policy(ALL)
    schools = [f"school-{number:02d}" for number in range(1, SHAPE.schools + 1)]
    await year.grant(LEAD, "program_lead", org_ids=schools)
    program = str((await year.done(LEAD, "/programs/v1/programs", PROGRAM))["program_id"])
    path = f"/programs/v1/programs/{program}"
    await year.post(LEAD, f"{path}/open")
    await year.enroll(LEAD, program, ALL)
    began = await year.post(LEAD, f"{path}/begin")
    assert (began["state"], began["template"]) == ("active", "weekly-steps")
    told = {"step_id": "rehearsal", "deviation": "skipped", "reason": "Testing week"}
    assert (await year.post(LEAD, f"{path}/deviate", told))["revision"] == 2
    year.ids |= {"program": program, "her": HER, "enrollment": year.ids[f"enrollment of {HER}"]}


async def they_work_together(year: CoachingYear) -> None:
    """Each teacher and her coach: agreed, a goal that she begins, a visit, and of one a trial."""
    tool = await year.published_tool(COACH)
    says = {"title": "Wait", "about": "Before anybody answers", "license": "CC0-1.0"}
    strategy = (await year.post(COACH, "/goals/v1/strategies", says))["strategy_id"]
    await year.post(COACH, f"/goals/v1/strategies/{strategy}/publish")

    async def together(two: tuple[str, str]) -> None:
        coach, teacher = two
        of = await year.coached(coach, teacher, ALL_WORK)
        await year.may(coach, f"/goals/v1/goals?teacher_id={teacher}")
        goal = await year.active_goal(coach, teacher)
        visit = await year.visit(coach, teacher, tool)
        names = {"relationship": of, "goal": goal, "visit": visit}
        year.ids.update({f"{name} of {teacher}": id_ for name, id_ in names.items()})

    await each(together, [(coach, who) for coach, hers in CASELOADS.items() for who in hers])
    year.ids |= {name: year.ids[f"{name} of {HER}"] for name in ("goal", "visit")}
    year.ids["keep"] = await year.trial(HER, strategy, year.ids["goal"], "keep")
    said = {
        "relationship_id": year.ids[f"relationship of {HER}"],
        "kind": "next",
        "text": "Longer",
        "trial_id": year.ids["keep"],
    }
    entry = await year.post(COACH, "/programs/v1/planning-entries", said)
    year.ids["entry"] = entry["planning_entry_id"]


async def her_coach_records_her_time(year: CoachingYear) -> None:
    """Weekly meetings of which the first is held, a word in the hallway, a workshop, time in
    support of teachers, and a session that was missed."""
    asked = {"teacher_ids": [HER], "starts_at": ago(hours=2), "every_weeks": 1, "occurrences": 4}
    series = await year.post(COACH, SERIES, asked)
    first, *_ = series["coaching_sessions"]
    ids = {"held": first["coaching_session_id"]}
    held = {"minutes": 45, "activities": SPENT}
    told = await year.post(COACH, f"{SESSIONS}/{ids['held']}/hold", held)
    assert told["minutes"] == 45
    said = {"summary": "We agreed to try wait time"}
    await year.post(COACH, f"{SESSIONS}/{ids['held']}/summarize", said)
    word = {"teacher_id": HER, "minutes": 10, "activity": "debrief", "held_at": ago(days=1)}
    ids["contact"] = (await year.post(COACH, CONTACTS, word))["coaching_session_id"]
    for name, plan in (
        ("support", {"kind": "support"}),
        ("several", {"kind": "workshop", "teacher_ids": ALL[:2]}),
        ("missed", {"teacher_ids": [HER]}),
    ):
        made = await year.post(COACH, SESSIONS, {**plan, "starts_at": ago(hours=4)})
        ids[name] = str(made["coaching_session_id"])
    for name in ("support", "several"):
        await year.post(COACH, f"{SESSIONS}/{ids[name]}/hold", held)
    missed = await year.post(COACH, f"{SESSIONS}/{ids['missed']}/miss", {"barriers": ["time"]})
    assert (missed["state"], missed["minutes"]) == ("missed", 0)
    year.ids |= ids
    entry = partial(year.entry, COACH, HER)

    async def next_is_told() -> bool:
        return bool(((await entry()) or {}).get("next_session_at"))

    await eventually(next_is_told, timeout=20)


async def a_flag_is_answered(year: CoachingYear) -> None:
    """Of a goal that a teacher began in the summer and has not come back to. Her coach alone sees
    what she has said to it."""
    teacher, goals, hours = CASELOADS[COACH][-1], "/goals/v1/goals", 24 * 70
    body = {
        "teacher_id": teacher,
        "statement": "Students ask each other",
        "focus_skill": "questioning",
        "measure_id": "talk-share",
        "unit": "percent",
        "baseline": 35,
        "target": 60,
    }
    goal = (await year.earlier(teacher, goals, body, hours=hours))["goal_id"]
    await year.earlier(teacher, f"{goals}/{goal}/activate", hours=hours)
    found: list[str] = []

    async def raised() -> bool:
        entry = await year.entry(COACH, teacher)
        found[:] = [each["flag_id"] for each in entry["flags"] if goal in each["evidence_ids"]]
        return bool(found)

    await eventually(raised, timeout=20)
    said = {"teacher_id": teacher, "flag_id": found[0], "answer": "acknowledged"}
    made = await year.post(COACH, "/programs/v1/flag-answers", said)
    year.ids["answer"] = str(made["flag_answer_id"])
    rows = table("get_flag_answer | /programs/v1/flag-answers/{answer}\n coach")
    await assert_shown(year, rows, PEOPLE, year.ids)


async def she_is_handed_over(year: CoachingYear) -> None:
    """As far as she says; her first coach keeps what the two have written."""
    of = f"/programs/v1/relationships/{year.ids['of']}/hand-over"
    await year.post(COACH, of, {"coach_id": SUCCESSOR})
    await assert_shown(year, sees("coach", "coach"), PEOPLE, year.ids)  # until she has said yes
    body = {"coach_id": SUCCESSOR, "coach_sees": ALL_WORK}
    await year.post(HER, f"{of}/accept", body)

    async def handed() -> bool:
        path = f"/programs/v1/relationships?teacher_id={HER}&state=active"
        found = (await year.get(HER, path))["relationships"]
        if [each["coach_id"] for each in found] != [SUCCESSOR]:
            return False
        year.ids |= {"coach": SUCCESSOR, "of": found[0]["relationship_id"]}
        return True

    await eventually(handed, timeout=20)
    people = {**PEOPLE, "coach": SUCCESSOR, "other_coach": COACH}
    rows = sees("", "other_coach")
    await assert_shown(year, rows, people, year.ids)


async def true(stack: RunningStack) -> bool:
    return not await untrue(stack.backings)
