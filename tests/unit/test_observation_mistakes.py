"""How mistakes about an observation are put right, until it is shared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.chassis.kernel import Kind
from services.observations.observation.domain import Observation, ObservationEvent
from services.observations.observation.outline import MOST_HAND_OVERS, HandOver, ObservationState
from services.observations.tool.domain import ToolEvent, ToolState
from tests.support.clocks import START
from tests.support.observations import COACH, NOISE, OTHER_COACH, TEACHER, new_tool
from tests.unit.test_observation import at, fault, record

LATER = START + timedelta(days=1)
UNSHARED = [
    ObservationState.SCHEDULED,
    ObservationState.IN_PROGRESS,
    ObservationState.COMPLETED,
]
SHARED = [ObservationState.SHARED, ObservationState.ACKNOWLEDGED]

Act = Callable[[Observation, str, bool], object]
IN_CHARGE: dict[str, Act] = {
    "cancel": lambda each, by, left: each.cancel(by, LATER, left),
    "hand_over": lambda each, by, left: each.hand_over(by, OTHER_COACH, LATER, left),
}


def test_a_score_of_a_completed_observation_is_corrected_and_it_stays_complete() -> None:
    observation = at(ObservationState.COMPLETED)
    record(observation, ("feedback", 1))
    assert observation.take_event() is ObservationEvent.SCORED
    assert observation.state is ObservationState.COMPLETED
    assert [each.score for each in observation.scores] == [1]


def test_one_that_was_completed_by_mistake_goes_on() -> None:
    observation = at(ObservationState.COMPLETED)
    observation.reopen(COACH, LATER)
    assert observation.take_event() is ObservationEvent.REOPENED
    assert (observation.state, observation.completed_at) == (ObservationState.IN_PROGRESS, None)
    observation.complete(COACH, LATER)
    assert observation.completed_at == LATER


@pytest.mark.parametrize("state", [*UNSHARED[:2], *SHARED])
def test_only_a_completed_one_is_reopened(state: ObservationState) -> None:
    assert fault(lambda: at(state).reopen(COACH, LATER)) == (Kind.CONFLICT, "not_completed")


@pytest.mark.parametrize("state", UNSHARED[:2])
def test_one_that_is_not_complete_is_moved(state: ObservationState) -> None:
    observation = at(state)
    observation.reschedule(COACH, LATER)
    assert observation.take_event() is ObservationEvent.RESCHEDULED
    assert (observation.scheduled_for, observation.state) == (LATER, state)
    observation.reschedule(COACH, LATER)
    assert observation.take_event() is None


def test_one_that_took_place_is_not_moved() -> None:
    complete = at(ObservationState.COMPLETED)
    assert fault(lambda: complete.reschedule(COACH, LATER))[1] == "observation_complete"


@pytest.mark.parametrize("state", UNSHARED)
def test_an_unshared_one_is_cancelled_and_nothing_follows(state: ObservationState) -> None:
    observation = at(state)
    observation.cancel(COACH, LATER)
    assert observation.take_event() is ObservationEvent.CANCELLED
    assert (observation.state, observation.cancelled_at) == (ObservationState.CANCELLED, LATER)
    for act in (
        lambda: record(observation, ("feedback", 1)),
        lambda: observation.complete(COACH, LATER),
        lambda: observation.share(COACH, LATER),
        lambda: observation.cancel(COACH, LATER),
        lambda: observation.reschedule(COACH, LATER),
        lambda: observation.hand_over(COACH, OTHER_COACH, LATER),
    ):
        assert fault(act)[0] is Kind.CONFLICT
    assert observation.visible_to(TEACHER)
    assert not observation.visible_to(OTHER_COACH)


@pytest.mark.parametrize("act", IN_CHARGE)
@pytest.mark.parametrize("state", SHARED)
def test_what_was_shared_does_not_change(state: ObservationState, act: str) -> None:
    observation = at(state)
    assert fault(lambda: IN_CHARGE[act](observation, COACH, False))[1] == "observation_shared"
    assert fault(lambda: record(observation, ("feedback", 1)))[1] == "observation_shared"


def test_another_goes_on_as_its_observer() -> None:
    observation = at(ObservationState.IN_PROGRESS)
    observation.hand_over(COACH, OTHER_COACH, LATER)
    assert observation.take_event() is ObservationEvent.HANDED_OVER
    assert observation.handed_over == [HandOver(COACH, COACH, LATER)]
    assert fault(lambda: observation.complete(COACH, LATER))[0] is Kind.NOT_FOUND
    observation.complete(OTHER_COACH, LATER)
    observation.take_event()
    observation.share(OTHER_COACH, LATER)
    assert observation.shared


def test_handing_over_to_the_observer_or_without_end_is_refused() -> None:
    observation = at(ObservationState.IN_PROGRESS)
    assert fault(lambda: observation.hand_over(COACH, COACH, LATER))[1] == "same_observer"
    turns = [OTHER_COACH, COACH] * (MOST_HAND_OVERS // 2)
    for to in turns:
        observation.hand_over(observation.observer, to, LATER)
        observation.take_event()
    assert fault(lambda: observation.hand_over(COACH, OTHER_COACH, LATER))[1] == (
        "too_many_hand_overs"
    )


@pytest.mark.parametrize("act", IN_CHARGE)
@pytest.mark.parametrize("state", UNSHARED)
def test_the_teacher_acts_for_an_observer_who_left_and_only_then(
    state: ObservationState, act: str
) -> None:
    observation = at(state)
    refused = (Kind.FORBIDDEN, "observer_only")
    assert fault(lambda: IN_CHARGE[act](observation, TEACHER, False)) == refused
    assert fault(lambda: IN_CHARGE[act](observation, OTHER_COACH, True))[0] is Kind.NOT_FOUND
    IN_CHARGE[act](observation, TEACHER, True)
    assert observation.take_event() is not None


def test_the_teacher_shares_what_an_observer_who_left_had_completed() -> None:
    observation = at(ObservationState.COMPLETED)
    assert fault(lambda: observation.share(TEACHER, LATER))[1] == "observer_only"
    observation.share(TEACHER, LATER, left=True)
    assert observation.state is ObservationState.SHARED
    unfinished = at(ObservationState.IN_PROGRESS)
    assert fault(lambda: unfinished.share(TEACHER, LATER, left=True))[1] == "not_completed"


def test_a_draft_of_a_tool_is_published_by_its_author_or_who_is_in_charge_of_it() -> None:
    tool = new_tool(NOISE).drafted()
    tool.take_event()
    assert fault(lambda: tool.publish("somebody", START)) == (Kind.FORBIDDEN, "author_only")
    tool.publish("somebody", START, in_charge=True)
    assert tool.published


def test_a_draft_of_a_tool_is_withdrawn_by_who_brought_it_in() -> None:
    tool = new_tool(NOISE).drafted()
    tool.take_event()
    assert fault(lambda: tool.withdraw("somebody"))[1] == "author_only"
    tool.withdraw(tool.drafted_by)
    assert (tool.take_event(), tool.state) == (ToolEvent.WITHDRAWN, ToolState.WITHDRAWN)
    assert fault(lambda: tool.publish(tool.drafted_by, LATER)) == (Kind.CONFLICT, "not_draft")
    published = new_tool(NOISE).drafted()
    published.take_event()
    published.publish(published.drafted_by, START)
    assert fault(lambda: published.withdraw(published.drafted_by))[1] == "not_draft"
