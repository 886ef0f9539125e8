"""F3: a goal is stalled where it has shown no sign of work for 21 days, by the last of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import Calendar
from services.insights.caseload.domain.card import (
    Card,
    Goal,
    GoalState,
    Relationship,
    Survey,
    Trial,
    TrialState,
)
from services.insights.caseload.domain.flags import Flag, FlagCode, flags_until

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)
DAY = timedelta(days=1)
LASTS = 21 * DAY
OLD = NOW - 60 * DAY
GOAL = Goal("g", GoalState.ACTIVE, "talk-share", "percent", 60, baseline=35, activated_at=OLD)
TRIED = Trial("t", TrialState.TRIED, agreed_at=OLD, goal="g", tried_at=NOW - 2 * DAY)
LINKED = NOW - 3 * DAY
NONE = Calendar()


def card(goal: Goal, *trials: Trial, surveys: tuple[Survey, ...] = ()) -> Card:
    coached = (Relationship("r", "coach-1", True, NOW - DAY),)
    return Card("t1", 2027, relationships=coached, goals=(goal,), trials=trials, surveys=surveys)


def stalled(of: Card, now: datetime = NOW) -> Flag | None:
    flags = flags_until(of, NONE, now)[0]
    return next((each for each in flags if each.code is FlagCode.GOAL_STALLED), None)


def test_it_is_the_second_rule() -> None:
    flag = stalled(card(GOAL))
    assert flag is not None
    assert (flag.rule_version, flag.evidence, flag.since) == (2, ("g",), OLD + LASTS)


@pytest.mark.parametrize("state", list(TrialState))
def test_a_tried_step_of_the_goal_is_a_sign_of_work_wherever_it_stands_since(
    state: TrialState,
) -> None:
    hers = replace(TRIED, state=state)
    assert stalled(card(GOAL, hers)) is None
    assert stalled(card(GOAL, replace(hers, goal="another"))) is not None
    assert stalled(card(GOAL, replace(hers, goal=""))) is not None
    assert stalled(card(GOAL, replace(hers, tried_at=None))) is not None  # agreed, or taken back


def test_a_link_to_evidence_is_a_sign_of_work_until_it_is_voided() -> None:
    assert stalled(card(replace(GOAL, last_evidence_at=LINKED))) is None
    assert stalled(card(replace(GOAL, last_evidence_at=None))) is not None


def test_it_is_back_21_days_after_the_last_sign_and_says_what_that_was() -> None:
    """To the instant: of an entry that is kept nothing is read before `until`."""
    linked = card(replace(GOAL, last_evidence_at=LINKED))
    older = Trial("t0", TrialState.CLOSED, agreed_at=OLD, goal="g", tried_at=LINKED - DAY)
    for of, back, evidence in (
        (linked, LINKED + LASTS, ("g",)),
        (replace(linked, trials=(older,)), LINKED + LASTS, ("g",)),
        (replace(linked, trials=(older, TRIED)), NOW - 2 * DAY + LASTS, ("g", "t")),
    ):
        now = back - timedelta(hours=1)
        assert stalled(of, back - timedelta.resolution) is None
        assert flags_until(of, NONE, now)[1] == back
        flag = stalled(of, back)
        assert flag is not None
        assert (flag.since, flag.evidence) == (back, evidence)


def test_what_was_seen_to_before_the_last_sign_waits_again_once_it_is_back() -> None:
    before, again = stalled(card(GOAL)), stalled(card(GOAL, TRIED), NOW + LASTS)
    assert before is not None
    assert again is not None
    assert before.subject == again.subject  # a dismissal is of the goal
    assert before.id != again.id


def test_two_values_no_better_than_the_baseline_stay_told_whatever_was_tried() -> None:
    behind = replace(GOAL, current=30.0, previous=31.0, last_progress_at=NOW - DAY)
    flag = stalled(card(replace(behind, last_evidence_at=LINKED), TRIED))
    assert flag is not None
    assert (flag.since, flag.evidence) == (NOW - DAY, ("g",))


INSTANTS = st.none() | st.integers(0, 80).map(lambda hours: NOW - 25 * DAY + hours * DAY / 2)


@given(INSTANTS, INSTANTS, INSTANTS, INSTANTS, st.permutations(["t", "u", "v"]))
def test_the_last_sign_alone_counts_in_whatever_order_they_are_known(
    progress: datetime | None,
    linked: datetime | None,
    tried: datetime | None,
    asked: datetime | None,
    ids: list[str],
) -> None:
    goal = replace(GOAL, last_progress_at=progress, last_evidence_at=linked)
    steps = [replace(TRIED, id=ids[0], tried_at=tried), replace(TRIED, id=ids[1], tried_at=None)]
    steps.append(replace(TRIED, id=ids[2], goal="another"))
    survey = Survey("s", "belonging", goal="g", opened_at=asked)
    whole = card(goal, *steps, surveys=(survey,))
    last = max(each for each in (OLD, progress, linked, tried, asked) if each is not None)
    late = last + LASTS + DAY
    flag = stalled(whole, late)
    assert flag is not None
    assert flag.since == last + LASTS
    assert flag == stalled(card(goal, *reversed(steps), surveys=(survey,)), late)
