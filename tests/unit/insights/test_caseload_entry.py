"""Share of the way, last contact, and the order of a caseload."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import Calendar
from services.chassis.fields import words_in
from services.insights.caseload.domain.card import (
    Card,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Relationship,
    Session,
    Survey,
)
from services.insights.caseload.domain.entry import (
    CaseloadEntry,
    entry_until,
    in_order,
    last_contact,
)
from services.insights.caseload.domain.flags import Flag, FlagCode
from services.insights.caseload.domain.ordering import LEAST_RECENCY, WEIGHTS, need, recency
from services.insights.caseload.resources import OpenGoalResource

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)
DAY = timedelta(days=1)
GOAL = Goal("goal-1", GoalState.ACTIVE, "talk-share", "percent", target=60, baseline=35)


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({"current": 47.5}, 0.5),
        ({"current": 60.0}, 1.0),
        ({"current": 90.0}, 1.0),
        ({"current": 20.0}, 0.0),
        ({}, 0.0),  # no progress yet
        ({"baseline": None, "current": 50.0}, None),
        ({"baseline": 60.0}, None),  # the target is no way off
        ({"baseline": 80.0}, None),  # the target lies behind
        ({"increase": False, "baseline": 80.0, "current": 75.0}, 0.25),
        ({"increase": False, "baseline": 80.0, "current": 85.0}, 0.0),
    ],
)
def test_share_of_the_way(change: dict[str, Any], share: float | None) -> None:
    assert replace(GOAL, **change).share == share


NUMBERS = st.floats(-1e9, 1e9)


@given(baseline=NUMBERS, target=NUMBERS, current=NUMBERS, increase=st.booleans())
def test_a_share_stays_between_0_and_1(
    baseline: float, target: float, current: float, increase: bool
) -> None:
    goal = replace(GOAL, baseline=baseline, target=target, current=current, increase=increase)
    share = goal.share
    assert share is None or 0 <= share <= 1


def test_a_session_that_was_held_is_a_contact_and_the_next_one_is_told_until_it_begins() -> None:
    sessions = (
        Session("s1", "coach-1", NOW - 2 * DAY, held=True),
        Session("s2", "coach-1", NOW - DAY),  # nobody has said yet what became of it
        Session("s3", "coach-1", NOW + 2 * DAY),
        Session("s4", "coach-1", NOW + DAY),
    )
    card = Card("teacher-1", 2027, sessions=sessions)
    assert last_contact(card) == NOW - 2 * DAY
    entry, until = entry_until(card, Calendar(), NOW)
    assert (entry.last_contact_at, entry.next_session_at) == (NOW - 2 * DAY, NOW + DAY)
    assert until <= NOW + DAY
    entry, until = entry_until(card, Calendar(), NOW + DAY)
    assert entry.next_session_at == NOW + 2 * DAY
    entry, _ = entry_until(card, Calendar(), NOW + 2 * DAY)
    assert entry.next_session_at is None


def test_what_a_pair_meets_for_comes_next_and_is_no_contact() -> None:
    sessions = Session("s1", "", NOW - DAY, held=True), Session("s2", "", NOW + DAY)
    card = Card("teacher-1", 2027, sessions=sessions)
    assert last_contact(card) is None
    assert entry_until(card, Calendar(), NOW)[0].next_session_at == NOW + DAY


def test_last_contact_is_the_newest_meeting_and_no_survey() -> None:
    card = Card(
        "teacher-1",
        2027,
        relationships=(Relationship("rel-1", "coach-1", True, NOW - 9 * DAY),),
        goals=(replace(GOAL, last_progress_at=NOW - 5 * DAY, activated_at=NOW - 8 * DAY),),
        observations=(Observation("obs-1", "teach", ObservationState.COMPLETED, NOW - 6 * DAY),),
        surveys=(Survey("adm-1", "belonging", closed_at=NOW - DAY),),
    )
    assert last_contact(card) == NOW - 5 * DAY
    assert last_contact(replace(card, goals=())) == NOW - 6 * DAY
    assert last_contact(Card("teacher-1", 2027)) is None


def test_an_acceptance_is_a_contact_unless_it_was_kept_from_the_year_before() -> None:
    kept = Relationship("rel-1", "coach-1", True, NOW - 90 * DAY, NOW - 9 * DAY)
    assert last_contact(Card("teacher-1", 2027, relationships=(kept,))) is None
    anew = replace(kept, accepted_at=NOW - 8 * DAY)
    assert last_contact(Card("teacher-1", 2027, relationships=(kept, anew))) == NOW - 8 * DAY


def test_every_state_in_which_a_goal_is_open_can_be_answered() -> None:
    found = {state.value for state in GoalState if replace(GOAL, state=state).open}
    assert found == words_in(OpenGoalResource.model_fields["state"].annotation).keys()


def test_an_entry_shows_the_newest_and_what_is_open() -> None:
    shared = Observation("obs-1", "teach", ObservationState.SHARED, None, NOW - 3 * DAY)
    card = Card(
        "teacher-1",
        2027,
        goals=(
            replace(GOAL, id="a", state=GoalState.DRAFT, baseline=None),
            replace(GOAL, id="b"),
            replace(GOAL, id="c", state=GoalState.ABANDONED),
            replace(GOAL, id="d", state=GoalState.ACHIEVED),
        ),
        observations=(
            shared,
            replace(shared, id="obs-2", shared_at=NOW - 2 * DAY),
            Observation("obs-3", "teach", ObservationState.COMPLETED, NOW),
        ),
        surveys=(
            Survey(
                "adm-1", "belonging", closed_at=NOW - DAY, n_min=20, n_max=29, favorable_share=0.5
            ),
            Survey("adm-2", "belonging", opened_at=NOW),
        ),
    )
    entry = entry_until(card, Calendar(), NOW)[0]
    assert entry.last_observation is not None
    assert entry.last_observation.id == "obs-2"
    assert entry.last_survey is not None
    assert entry.last_survey.id == "adm-1"
    assert [goal.id for goal in entry.open_goals] == ["b", "a"]


def flag(code: str, days: int = 0) -> Flag:
    return Flag(FlagCode(code), ("x",), NOW - days * DAY)


def test_need_adds_up_by_kind_and_fades_to_a_quarter() -> None:
    assert need([], NOW) == 0
    assert need([flag("F8")], NOW) == 0
    assert need([flag("F2")], NOW) == WEIGHTS["F2"]
    assert need([flag("F2"), flag("F2", 3)], NOW) == WEIGHTS["F2"]
    assert need([flag("F2"), flag("F5")], NOW) == WEIGHTS["F2"] + WEIGHTS["F5"]
    assert need([flag("F2", 28)], NOW) == pytest.approx(WEIGHTS["F2"] / 2)
    assert need([flag("F2", 5_000)], NOW) == WEIGHTS["F2"] * LEAST_RECENCY


@given(st.integers(-10, 5_000), st.integers(0, 5_000))
def test_recency_never_grows_with_time(days: int, more: int) -> None:
    older = recency(NOW - (days + more) * DAY, NOW)
    assert LEAST_RECENCY <= older <= recency(NOW - days * DAY, NOW) <= 1


def entry(teacher: str, *flags: Flag, contact: int | None = None) -> CaseloadEntry:
    card = Card(teacher, 2027)
    at = None if contact is None else NOW - contact * DAY
    return CaseloadEntry(card, at, None, (), None, flags)


def test_problems_come_first_then_the_longest_without_contact() -> None:
    entries = [
        entry("calm-recent", contact=1),
        entry("calm-long", contact=9),
        entry("celebrate", flag("F8"), contact=5),
        entry("stalled", flag("F3"), contact=1),
        entry("late", flag("F2"), flag("F8"), contact=1),
        entry("b-never"),
        entry("a-never"),
    ]
    assert [each.card.teacher for each in in_order(entries, NOW)] == [
        "late",
        "stalled",
        "a-never",
        "b-never",
        "calm-long",
        "celebrate",
        "calm-recent",
    ]


def test_scores_and_survey_results_move_nobody() -> None:
    """Two caseloads that differ in what students and scores say have one order."""
    survey = Survey(
        "adm", "belonging", closed_at=NOW - DAY, n_min=20, n_max=29, favorable_share=0.9
    )

    def order(shares: list[float]) -> list[str]:
        entries = [
            entry_until(
                Card(f"t{i}", 2027, surveys=(replace(survey, favorable_share=share),)),
                Calendar(),
                NOW,
            )[0]
            for i, share in enumerate(shares)
        ]
        return [each.card.teacher for each in in_order(entries, NOW)]

    assert order([0.1, 0.5, 0.9]) == order([0.9, 0.5, 0.1])
