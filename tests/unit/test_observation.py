"""What an observation promises its teacher and its observer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kernel import Fault, Kind
from services.observations.observation.domain import Observation, ObservationEvent
from services.observations.observation.outline import Note, ObservationState, Score
from tests.support.clocks import START
from tests.support.observations import (
    COACH,
    FEEDBACK,
    NOISE,
    OTHER_COACH,
    TEACHER,
    new_observation,
)

TOOL = (FEEDBACK, NOISE)
ORDER: list[ObservationState] = [
    each for each in ObservationState if each is not ObservationState.CANCELLED
]


def record(
    observation: Observation,
    *scores: tuple[str, float],
    notes: tuple[Note, ...] = (),
    by: str = COACH,
) -> None:
    observation.record_scores(by, TOOL, scores, notes)


STEPS: dict[ObservationState, Callable[[Observation], object]] = {
    ObservationState.SCHEDULED: lambda each: each.scheduled(),
    ObservationState.IN_PROGRESS: lambda each: record(each, ("feedback", 3)),
    ObservationState.COMPLETED: lambda each: each.complete(COACH, START),
    ObservationState.SHARED: lambda each: each.share(COACH, START),
    ObservationState.ACKNOWLEDGED: lambda each: each.acknowledge(TEACHER, START),
}


def at(state: ObservationState) -> Observation:
    observation = new_observation()
    for each in ORDER[: ORDER.index(state) + 1]:
        STEPS[each](observation)
        assert observation.take_event() is not None
    assert observation.state is state
    return observation


def fault(act: Callable[[], object]) -> tuple[Kind, str]:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.kind, caught.value.code


def test_each_step_records_its_event_and_its_instant() -> None:
    observation = new_observation()
    events = []
    for state in ORDER:
        STEPS[state](observation)
        events.append(observation.take_event())
    assert events == list(ObservationEvent)[: len(ORDER)]
    assert observation.completed_at == observation.shared_at == observation.acknowledged_at == START


@given(st.sampled_from(ORDER), st.sampled_from(ORDER[1:]))
def test_steps_are_taken_in_order(state: ObservationState, step: ObservationState) -> None:
    observation = at(state)
    allowed = ORDER.index(step) == ORDER.index(state) + 1
    scored = (ObservationState.IN_PROGRESS, ObservationState.COMPLETED)
    again = step is ObservationState.IN_PROGRESS and state in scored
    if allowed or again:
        STEPS[step](observation)
        assert observation.state is (state if again else step)
    else:
        assert fault(lambda: STEPS[step](observation))[0] is Kind.CONFLICT
        assert observation.state is state


def test_completing_needs_a_score() -> None:
    observation = at(ObservationState.SCHEDULED)
    record(observation, notes=(Note("", "calm"),))
    observation.take_event()
    assert fault(lambda: observation.complete(COACH, START)) == (Kind.CONFLICT, "no_scores")


def test_a_score_carries_its_scale() -> None:
    observation = new_observation()
    record(observation, ("noise", 2.5))
    assert observation.scores == [Score("noise", 2.5, 0, 2.5, reversed=True)]


def test_newer_scores_and_notes_replace_those_of_the_same_criterion() -> None:
    observation = new_observation()
    record(observation, ("noise", 0), notes=(Note("noise", "quiet"), Note("", "calm")))
    observation.take_event()
    record(observation, ("noise", 2.5), ("feedback", 1), notes=(Note("noise", "loud"),))
    observation.take_event()
    assert [(each.criterion, each.score) for each in observation.scores] == [
        ("feedback", 1),
        ("noise", 2.5),
    ]
    assert observation.notes == [Note("", "calm"), Note("noise", "loud")]
    record(observation, notes=(Note("", ""),))
    assert observation.notes == [Note("noise", "loud")]


batches = st.lists(
    st.dictionaries(st.sampled_from(["feedback", "noise"]), st.integers(0, 1), min_size=1),
    min_size=1,
    max_size=5,
)


@given(batches)
def test_recording_in_pieces_keeps_the_newest_of_each_criterion(
    pieces: list[dict[str, int]],
) -> None:
    observation = new_observation()
    newest: dict[str, float] = {}
    for piece in pieces:
        scores = {
            name: next(each for each in TOOL if each.id == name).levels[index].score
            for name, index in piece.items()
        }
        record(observation, *scores.items())
        assert observation.take_event() is ObservationEvent.SCORED
        newest.update(scores)
    assert {each.criterion: each.score for each in observation.scores} == newest


@pytest.mark.parametrize(
    ("scores", "notes", "code", "place"),
    [
        ([], [], "nothing_recorded", "/scores"),
        ([("feedback", 3), ("other", 1)], [], "unknown_criterion", "/scores/1/criterion_id"),
        ([("feedback", 2)], [], "not_a_level", "/scores/0/score"),
        ([("noise", 0), ("noise", 0)], [], "criterion_repeated", "/scores/1/criterion_id"),
        ([], [Note("other", "x")], "unknown_criterion", "/notes/0/criterion_id"),
        ([], [Note("", "x"), Note("", "y")], "criterion_repeated", "/notes/1/criterion_id"),
    ],
)
def test_what_the_tool_does_not_know_is_refused_and_nothing_is_kept(
    scores: list[tuple[str, float]], notes: list[Note], code: str, place: str
) -> None:
    observation = at(ObservationState.SCHEDULED)
    with pytest.raises(Fault) as caught:
        observation.record_scores(COACH, TOOL, scores, notes)
    assert (caught.value.kind, caught.value.code, caught.value.place) == (
        Kind.INVALID,
        code,
        place,
    )
    assert (observation.scores, observation.notes) == ([], [])
    assert observation.state is ObservationState.SCHEDULED


def test_a_score_that_is_no_level_is_told_the_levels() -> None:
    with pytest.raises(Fault, match=r"has the levels 1, 3, 5\."):
        record(at(ObservationState.SCHEDULED), ("feedback", 2))


ACTS: list[Callable[[Observation, str], object]] = [
    lambda each, person: record(each, ("feedback", 1), by=person),
    lambda each, person: each.complete(person, START),
    lambda each, person: each.share(person, START),
]


@pytest.mark.parametrize("act", ACTS, ids=["record", "complete", "share"])
@pytest.mark.parametrize("person", [TEACHER, OTHER_COACH])
@pytest.mark.parametrize("state", ORDER)
def test_only_the_observer_records_completes_and_shares(
    state: ObservationState, person: str, act: Callable[[Observation, str], object]
) -> None:
    observation = at(state)
    seen = observation.visible_to(person)
    expected = (Kind.FORBIDDEN, "observer_only") if seen else (Kind.NOT_FOUND, "not_found")
    assert fault(lambda: act(observation, person)) == expected
    assert observation.state is state


def test_only_the_teacher_acknowledges() -> None:
    observation = at(ObservationState.SHARED)
    assert fault(lambda: observation.acknowledge(COACH, START)) == (Kind.FORBIDDEN, "teacher_only")


@given(st.sampled_from(ORDER))
def test_another_coach_sees_it_only_once_shared(state: ObservationState) -> None:
    observation = at(state)
    assert observation.visible_to(TEACHER)
    assert observation.visible_to(COACH)
    assert observation.visible_to(OTHER_COACH) is (ORDER.index(state) >= 3)
