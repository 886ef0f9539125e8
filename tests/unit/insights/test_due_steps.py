"""When a step of a program's process is due, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.access.calendar import AcademicSession, Calendar
from services.insights.caseload.domain.card import (
    Card,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Relationship,
    Session,
    Survey,
    Trial,
    TrialState,
)
from services.insights.caseload.domain.sight import as_seen_by
from services.insights.caseload.domain.steps import DueStep, due_step_of
from services.insights.program.domain import PlannedStep, ProgramPlan
from services.insights.program.process import placed

MONDAY = datetime(2026, 9, 7, 15, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
TERM = date(2026, 8, 31), date(2027, 5, 10)  # 36 weeks, all weekdays of which have school
YEAR = Calendar([AcademicSession("term", *TERM)])


def step(
    id: str,
    evidence: str = "session",
    within: int = 5,
    repeats: int = 0,
    stage: str = "begin",
    lasts: int = 5,
    need: str = "required",
    deviation: str = "",
) -> PlannedStep:
    return PlannedStep(stage, id, "both", need, evidence, within, repeats, lasts, deviation)


TALK = step("talk")
VISIT = step("visit", "observation", 3, 5, "loop", 0)
MEET = step("meet", "session", 5, 5, "loop", 0)
LOOK_BACK = step("look-back", "reflection", 5, 0, "close", 5)
COACHED = Relationship("rel-1", "coach-1", True, MONDAY)


def card(*steps: PlannedStep, begun_at: datetime | None = MONDAY, **said: object) -> Card:
    plan = ProgramPlan("p1", 2027, begun_at=begun_at, steps=steps)
    made = Card("t1", 2027, relationships=(COACHED,), plan=plan, enrolled_at=MONDAY)
    return replace(made, **said)  # type: ignore[arg-type]


def held(*at: datetime, coach: str = "coach-1") -> tuple[Session, ...]:
    return tuple(Session(f"s{n}", coach, each, held=True) for n, each in enumerate(at))


def seen(*at: datetime) -> tuple[Observation, ...]:
    done = ObservationState.COMPLETED
    return tuple(Observation(f"o{n}", "t", done, each) for n, each in enumerate(at))


def due(of: Card, now: datetime = MONDAY, calendar: Calendar = YEAR) -> DueStep | None:
    return due_step_of(of, calendar, now)


def told(of: Card, now: datetime = MONDAY, calendar: Calendar = YEAR) -> tuple[str, str, int]:
    found = due(of, now, calendar)
    return (found.step, found.due.isoformat(), found.overdue_days) if found else ("", "", 0)


def test_a_step_is_due_so_many_days_of_school_after_its_stage_has_begun() -> None:
    expected = DueStep("p1", "begin", "talk", "both", date(2026, 9, 14))
    assert due(card(TALK)) == expected
    holiday = Calendar([AcademicSession("term", *TERM)], closed=[date(2026, 9, 8)])
    assert told(card(TALK), calendar=holiday) == ("talk", "2026-09-15", 0)
    assert told(card(TALK), MONDAY + WEEK) == ("talk", "2026-09-14", 0)
    assert told(card(TALK), MONDAY + WEEK + 3 * DAY) == ("talk", "2026-09-14", 3)


def test_it_begins_with_the_latest_of_enrollment_program_and_its_cohort() -> None:
    assert told(card(TALK, begun_at=MONDAY + DAY), MONDAY + WEEK)[1] == "2026-09-15"
    assert told(card(TALK, begun_at=MONDAY + DAY)) == ("", "", 0)
    late = card(TALK)
    plan = replace(late.plan, span=(date(2026, 9, 9), date(2026, 9, 16)))  # type: ignore[type-var]
    late = replace(late, plan=plan)
    assert told(late, MONDAY + 2 * DAY)[1] == "2026-09-16"
    assert due(late) is None
    assert due(late, MONDAY + 9 * DAY) is None  # the cohort is over


def test_none_before_the_program_has_begun_outside_a_term_and_for_whom_nobody_accompanies() -> None:
    one = card(TALK)
    assert due(card(TALK, begun_at=None)) is None
    assert due(card()) is None
    assert due(replace(one, plan=None)) is None
    assert due(replace(one, enrolled_at=None)) is None
    assert due(one, datetime(2027, 6, 1, tzinfo=UTC)) is None
    half = date(2026, 9, 11)
    break_ = [
        AcademicSession("term", TERM[0], half),
        AcademicSession("term", TERM[0] + WEEK * 3, TERM[1]),
    ]
    assert told(one, calendar=Calendar(break_))[0] == "talk"
    assert due(one, MONDAY + WEEK, Calendar(break_)) is None
    alone = replace(one, relationships=(replace(COACHED, active=False),))
    assert due(alone) is None
    assert due(replace(alone, in_circle=True)) == due(one)


def test_what_is_done_is_not_due_and_what_comes_next_is() -> None:
    talked = card(TALK, VISIT, MEET, sessions=held(MONDAY + DAY))
    assert due(talked, MONDAY + DAY) is None  # the next stage has not begun
    assert told(talked, MONDAY + WEEK) == ("visit", "2026-09-17", 0)
    visited = replace(talked, observations=seen(MONDAY + WEEK))
    assert told(visited, MONDAY + WEEK) == ("visit", "2026-09-21", 0)
    later = MONDAY + WEEK + 2 * DAY
    assert told(replace(visited, observations=seen(later)), later)[0] == "meet"


def test_a_required_step_stays_overdue_for_four_weeks_of_school_or_as_long_as_its_loop() -> None:
    one = card(TALK, step("look-back", "reflection", 0, 0, "loop", 0))
    assert told(one, MONDAY + 5 * WEEK) == ("talk", "2026-09-14", 20)
    assert due(one, MONDAY + 5 * WEEK + DAY) is None
    loop = card(VISIT, observations=seen(MONDAY))
    assert told(loop, MONDAY + 10 * WEEK) == ("visit", "2026-09-14", 45)


@pytest.mark.parametrize(
    "other",
    [{"need": "recommended"}, {"evidence": "reflection"}, {"deviation": "adapted"}, {"need": ""}],
)
def test_only_what_is_required_as_planned_and_told_by_events_becomes_overdue(
    other: dict[str, str],
) -> None:
    once, again = card(step("a", **other)), card(step("a", repeats=5, lasts=0, **other))  # type: ignore[arg-type]
    assert told(once, MONDAY + WEEK) == ("a", "2026-09-14", 0)
    assert due(once, MONDAY + WEEK + DAY) is None
    assert told(again, MONDAY + WEEK + DAY) == ("a", "2026-09-21", 0)


def test_what_the_program_leaves_out_or_gives_no_day_is_never_due() -> None:
    assert due(card(step("a", deviation="skipped"))) is None
    assert due(card(step("a", within=0))) is None


def test_of_one_day_what_is_required_comes_first() -> None:
    steps = (step("a", need="optional"), step("b", need="recommended"), step("c"))
    assert told(card(*steps))[0] == "c"
    assert told(card(*steps[:2]))[0] == "b"


def test_a_stage_until_its_steps_have_ended_takes_the_days_that_others_leave() -> None:
    found = {each.step.step: each for each in placed((TALK, VISIT, MEET, LOOK_BACK), 100)}
    assert [(each.begins, each.ends) for each in found.values()] == [
        (0, 5),
        (5, 95),
        (5, 95),
        (95, 100),
    ]
    assert [each.step.step for each in placed((TALK, VISIT, LOOK_BACK), None)] == ["talk", "visit"]
    assert [each.begins for each in placed((TALK, VISIT, LOOK_BACK), 3)] == [0, 5, 5]
    last = card(TALK, VISIT, MEET, LOOK_BACK, sessions=held(MONDAY))
    assert told(last, datetime(2027, 5, 4, 15, tzinfo=UTC))[0] == "look-back"
    assert told(last, datetime(2027, 4, 27, 15, tzinfo=UTC))[0] == "visit"


def test_what_was_left_behind_early_counts_unless_an_earlier_stage_asked_for_the_same() -> None:
    goal = step("goal", "goal", 5, 0, "choose", 5)
    early = Goal("g1", GoalState.DRAFT, "m", "percent", 1.0, drafted_at=MONDAY)
    late = MONDAY + WEEK
    assert due(card(TALK, goal, sessions=held(MONDAY), goals=(early,)), late) is None
    again = step("again", "session", 5, 0, "choose", 5)
    assert told(card(TALK, again, sessions=held(MONDAY)), late)[0] == "again"
    before = replace(early, drafted_at=MONDAY - DAY)  # not of this program
    assert told(card(step("goal", "goal"), goals=(before,)))[0] == "goal"


def test_each_kind_is_done_by_what_it_leaves_behind() -> None:
    at = MONDAY + DAY
    left = {
        "goal": {"goals": (Goal("g", GoalState.ACTIVE, "m", "u", 1.0, activated_at=at),)},
        "action_step": {"trials": (Trial("t", TrialState.OPEN, at),)},
        "observation": {"observations": seen(at)},
        "survey": {"surveys": (Survey("s", "i", closed_at=at),)},
        "session": {"sessions": held(at)},
        "reflection": {"trials": (Trial("t", TrialState.REFLECTED, reflected_at=at),)},
    }
    for kind, said in left.items():
        one = card(step("a", kind))
        assert told(one, at)[0] == "a", kind
        assert due(replace(one, **said), at) is None, kind  # type: ignore[arg-type]
    planned = replace(card(TALK), sessions=(Session("s", "coach-1", at),))
    assert told(planned, at)[0] == "talk"


def test_a_coach_is_told_no_step_of_which_she_is_not_shown_what_it_leaves_behind() -> None:
    at = MONDAY + WEEK + 3 * DAY
    goal, survey, tried = step("g", "goal"), step("s", "survey"), step("a", "action_step")
    for each in (goal, survey, tried):
        whole = card(each)
        assert told(as_seen_by("t1", (), whole, only_shared=False), at)[2] == 3
        shown = ("goal", "administration", "observation")
        assert told(as_seen_by("coach-1", shown, whole, only_shared=False), at)[2] == 3
        assert due(as_seen_by("coach-1", ("observation",), whole, only_shared=False), at) is None
    wrote = card(step("w", "reflection"))
    assert told(as_seen_by("coach-1", ("goal",), wrote, only_shared=False))[0] == "w"
    assert due(as_seen_by("coach-1", ("observation",), wrote, only_shared=False)) is None


@pytest.mark.parametrize("sees", [(), ("observation",), ("goal", "observation", "administration")])
@pytest.mark.parametrize("own", [(), (MONDAY + DAY,), (MONDAY + 9 * DAY,)])
@pytest.mark.parametrize("steps", [(TALK,), (MEET,), (VISIT,), (TALK, VISIT, MEET)])
def test_nothing_that_another_coach_does_changes_what_a_coach_is_told(
    steps: tuple[PlannedStep, ...], own: tuple[datetime, ...], sees: tuple[str, ...]
) -> None:
    """Neither that she is there, nor her sessions, nor what she has seen and not shared."""
    alone = card(*steps, sessions=held(*own))
    other = Relationship("rel-2", "coach-2", True, MONDAY)
    unshared = Observation("o", "t", ObservationState.COMPLETED, MONDAY + DAY, observer="coach-2")
    besides = [
        replace(alone, relationships=(COACHED, other)),
        replace(alone, relationships=(COACHED, replace(other, active=False))),
        replace(alone, observations=(unshared,)),
        replace(alone, in_circle=True),
        *(
            replace(alone, sessions=held(*own) + held(MONDAY + day * DAY, coach="coach-2"))
            for day in (2, 8, 12)
        ),
    ]
    for day in range(40):
        at = MONDAY + day * DAY
        expected = due(as_seen_by("coach-1", sees, alone, only_shared=False), at)
        for each in besides:
            assert due(as_seen_by("coach-1", sees, each, only_shared=False), at) == expected


def test_the_teacher_is_told_by_all_that_was_held_with_her() -> None:
    at = MONDAY + WEEK + 3 * DAY
    one = card(MEET, sessions=held(MONDAY + WEEK, coach="coach-2"))
    assert told(as_seen_by("t1", (), one, only_shared=False), at) == ("meet", "2026-09-21", 0)
    mine = as_seen_by("coach-1", (), one, only_shared=False)
    assert told(mine, at) == ("meet", "2026-09-14", 3)


def test_what_her_pair_has_held_is_a_session_of_hers_and_no_coachs() -> None:
    at = MONDAY + WEEK + 3 * DAY
    one = card(MEET, in_circle=True, sessions=held(MONDAY + WEEK, coach=""))
    assert told(as_seen_by("t1", (), one, only_shared=False), at) == ("meet", "2026-09-21", 0)
    mine = as_seen_by("coach-1", (), one, only_shared=False)
    assert (mine.sessions, told(mine, at)) == ((), ("meet", "2026-09-14", 3))


def test_neither_a_peer_nor_a_partners_program_is_told_any() -> None:
    one = card(TALK, in_circle=True)
    assert due(as_seen_by("t2", ("goal",), one, only_shared=False)) is None
    assert due(as_seen_by("coach-1", ("goal",), one, only_shared=True)) is None
