"""What an observation says is put right once the teacher was shown it, and what it said stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.kernel import Kind
from services.observations.observation.codec import observation_snapshot
from services.observations.observation.domain import Observation
from services.observations.observation.outline import Note, ObservationState
from services.observations.observation.scores import MOST_CORRECTIONS, EarlierScore, ScoreEvent
from tests.support.clocks import START
from tests.support.observations import COACH, FEEDBACK, NOISE, OTHER_COACH, TEACHER
from tests.unit.test_observation import at, fault

LATER = START + timedelta(days=1)
SECOND = timedelta(seconds=1)
CRITERIA = (FEEDBACK, NOISE)
SHARED = [ObservationState.SHARED, ObservationState.ACKNOWLEDGED]
UNSHARED = [
    ObservationState.SCHEDULED,
    ObservationState.IN_PROGRESS,
    ObservationState.COMPLETED,
]


def correct(
    each: Observation,
    score: float | None = None,
    note: str | None = None,
    *,
    criterion: str = "feedback",
    by: str = COACH,
    reason: str = "mistyped",
) -> None:
    each.correct_score(by, LATER, CRITERIA, criterion, score, note, reason)


def given(each: Observation) -> dict[str, float]:
    return {score.criterion: score.score for score in each.counting}


@pytest.mark.parametrize("state", SHARED)
def test_a_score_is_corrected_and_what_it_was_is_kept(state: ObservationState) -> None:
    each = at(state)
    (was,) = (score for score in each.scores if score.criterion == "feedback")
    correct(each, 5)
    assert each.take_event() is ScoreEvent.CORRECTED
    assert (given(each)["feedback"], each.state, each.corrected_at) == (5, state, LATER)
    said = EarlierScore("feedback", was.score, "", reason="mistyped", by=COACH, at=LATER)
    assert each.corrections == [said]
    published = {one.criterion_id: one.score for one in observation_snapshot(each).scores}
    assert published == given(each)


def test_a_note_is_corrected_alone_and_with_its_score_and_goes_where_it_is_empty() -> None:
    each = at(ObservationState.SHARED)
    correct(each, note="first")
    each.take_event()
    correct(each, 5, "second")
    each.take_event()
    assert each.notes == [Note("feedback", "second")]
    correct(each, note="", reason="about somebody else")
    assert each.notes == []
    assert [was.note for was in each.corrections] == ["", "first", "second"]
    assert given(each)["feedback"] == 5


def test_the_note_about_the_whole_lesson_is_corrected_and_stands_first() -> None:
    each = at(ObservationState.SHARED)
    correct(each, note="about feedback")
    each.take_event()
    correct(each, note="about all", criterion="")
    assert each.notes == [Note("", "about all"), Note("feedback", "about feedback")]
    assert [was.criterion for was in each.corrections] == ["feedback", ""]


def test_a_score_that_was_forgotten_is_put_in_where_the_tool_has_it() -> None:
    each = at(ObservationState.SHARED)
    assert "noise" not in given(each)
    correct(each, 2.5, criterion="noise")
    assert list(given(each)) == ["feedback", "noise"]
    assert each.corrections[0].score is None


def test_what_says_so_already_is_no_correction() -> None:
    each = at(ObservationState.SHARED)
    correct(each, given(each)["feedback"], "")
    assert (each.take_event(), each.corrections, each.corrected_at) == (None, [], None)


@pytest.mark.parametrize("state", UNSHARED)
def test_until_it_is_shared_scores_are_recorded_again(state: ObservationState) -> None:
    each = at(state)
    assert fault(lambda: correct(each, 5)) == (Kind.CONFLICT, "not_shared")
    refused = fault(lambda: each.void_score(COACH, LATER, "feedback", "r"))
    assert refused == (Kind.CONFLICT, "not_shared")


@pytest.mark.parametrize("who", [TEACHER, OTHER_COACH])
def test_only_its_observer_puts_it_right(who: str) -> None:
    each = at(ObservationState.SHARED)
    refused = (Kind.FORBIDDEN, "observer_only")
    assert fault(lambda: correct(each, 5, by=who)) == refused
    assert fault(lambda: each.void_score(who, LATER, "feedback", "r")) == refused


def test_who_took_it_over_puts_it_right_and_who_gave_it_away_does_not() -> None:
    each = at(ObservationState.COMPLETED)
    each.hand_over(COACH, OTHER_COACH, START)
    each.take_event()
    each.share(OTHER_COACH, START)
    each.take_event()
    assert fault(lambda: correct(each, 5))[1] == "observer_only"
    correct(each, 5, by=OTHER_COACH)
    assert each.corrections[0].by == OTHER_COACH


def test_what_cannot_be_a_score_or_says_nothing_is_refused() -> None:
    each = at(ObservationState.SHARED)
    assert fault(lambda: correct(each, 4)) == (Kind.INVALID, "not_a_level")
    assert fault(lambda: correct(each)) == (Kind.INVALID, "nothing_corrected")
    assert fault(lambda: correct(each, 5, criterion="nope"))[0] is Kind.NOT_FOUND
    assert fault(lambda: each.void_score(COACH, LATER, "noise", "r"))[0] is Kind.NOT_FOUND
    assert (each.take_event(), each.corrections) == (None, [])


def test_a_voided_score_stays_visible_and_is_published_no_more() -> None:
    each = at(ObservationState.SHARED)
    (was,) = each.scores
    each.void_score(COACH, LATER, "feedback", "wrong criterion")
    assert each.take_event() is ScoreEvent.VOIDED
    (void,) = each.scores
    assert (void.score, void.voided_at, void.voided_by) == (was.score, LATER, COACH)
    assert list(observation_snapshot(each).scores) == []
    (kept,) = each.corrections
    assert (kept.score, kept.voided, kept.reason) == (was.score, True, "wrong criterion")
    again = (Kind.CONFLICT, "score_voided")
    assert fault(lambda: each.void_score(COACH, LATER, "feedback", "r")) == again
    assert fault(lambda: correct(each, 5)) == again
    assert fault(lambda: each.check_void(COACH, LATER)) == again
    correct(each, note="its note can be put right")


def test_corrections_are_bounded_and_what_is_wrong_can_be_voided_all_the_same() -> None:
    each = at(ObservationState.SHARED)
    for turn in range(MOST_CORRECTIONS):
        correct(each, (1, 5)[turn % 2], note=f"note {turn}")
        each.take_event()
    assert fault(lambda: correct(each, 3)) == (Kind.LIMITED, "too_many_corrections")
    correct(each, given(each)["feedback"])
    assert len(each.corrections) == MOST_CORRECTIONS
    each.void_score(COACH, LATER, "feedback", "enough")
    assert len(each.corrections) == MOST_CORRECTIONS + 1


@pytest.mark.parametrize("passed", [-SECOND, timedelta(), SECOND], ids=["back", "none", "on"])
def test_it_says_where_she_has_acknowledged_something_else(passed: timedelta) -> None:
    """Whatever the clocks of two processes say from the one step to the next."""
    each = at(ObservationState.SHARED)
    correct(each, 5)
    each.take_event()
    each.acknowledge(TEACHER, LATER + passed)
    each.take_event()
    told = [each.corrected_after_acknowledgment]
    again = LATER + 2 * passed
    each.correct_score(COACH, again, CRITERIA, "feedback", 1, None, "again")
    told.append(each.corrected_after_acknowledgment)
    assert told == [False, True]
    assert each.state is ObservationState.ACKNOWLEDGED
