"""What the observations service publishes, example by example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from coaching.observations.v1 import observation_events_pb2, share_events_pb2, tool_events_pb2
from services.chassis.kernel import Aggregate
from services.chassis.write.write_path import EncodedEvent
from services.observations.observation.codec import OBSERVATIONS, RECEIPTS, REPORTS
from services.observations.observation.domain import Observation
from services.observations.observation.outline import Note
from services.observations.tool.codec import TOOLS
from services.observations.tool.domain import Criterion, Level, Tool
from tests.support.clocks import START
from tests.support.golden import (
    assert_complete,
    assert_golden,
    assert_receipt,
    assert_report,
    message_class,
)
from tests.support.observations import COACH, NOISE, TEACHER, new_observation, new_tool

CANARY = "canary-free-text"
FEEDBACK = Criterion(
    "feedback", CANARY, CANARY, (Level(1, CANARY), Level(3, CANARY), Level(5, CANARY))
)
LATER = START + timedelta(days=1)
NOTES = (Note("", CANARY), Note("feedback", CANARY))


def tool(steps: int) -> Tool:
    new = new_tool(FEEDBACK, NOISE)
    new.title = new.attribution = CANARY
    new.drafted()
    if steps > 1:
        new.take_event()
        new.publish(new.drafted_by, START)
    return new


def observation(steps: int) -> Observation:
    """An observation after its first `steps` steps, each of which records one event."""
    new = new_observation()
    scores = (("feedback", 3.0), ("noise", 2.5))
    acts: list[Callable[[], object]] = [
        lambda: new.scheduled(),
        lambda: new.record_scores(COACH, (FEEDBACK, NOISE), scores, NOTES),
        lambda: new.complete(COACH, START),
        lambda: new.share(COACH, START),
        lambda: new.acknowledge(TEACHER, START),
    ]
    for act in acts[:steps]:
        new.take_event()
        act()
    return new


def after(steps: int, act: Callable[[Observation], object]) -> Observation:
    """An observation that `act` was done to after its first `steps` steps."""
    new = observation(steps)
    new.take_event()
    act(new)
    return new


def corrected(it: Observation) -> None:
    it.correct_score(COACH, LATER, (FEEDBACK, NOISE), "feedback", 5.0, CANARY, CANARY)


def withdrawn() -> Tool:
    new = tool(1)
    new.take_event()
    new.withdraw(new.drafted_by)
    return new


EVENTS: list[tuple[str, Aggregate]] = [
    ("ToolDrafted", tool(1)),
    ("ToolPublished", tool(2)),
    ("ToolWithdrawn", withdrawn()),
    ("ObservationTransferred", after(1, lambda it: it.transfer("teacher-2", "coach-2", "", START))),
    ("ObservationScheduled", observation(1)),
    ("ObservationRescheduled", after(1, lambda each: each.reschedule(COACH, LATER))),
    ("ObservationScored", observation(2)),
    ("ObservationCompleted", observation(3)),
    ("ObservationReopened", after(3, lambda each: each.reopen(COACH, LATER))),
    ("ObservationCancelled", after(3, lambda each: each.cancel(COACH, LATER))),
    ("ObservationHandedOver", after(3, lambda each: each.hand_over(COACH, TEACHER, LATER))),
    ("ObservationLeftBehind", after(3, lambda each: each.leave_behind(LATER))),
    ("ObservationShared", observation(4)),
    ("ObservationAcknowledged", observation(5)),
    ("ObservationScoreCorrected", after(5, corrected)),
    ("ObservationScoreVoided", after(4, lambda it: it.void_score(COACH, LATER, "noise", CANARY))),
    ("ObservationErased", after(5, lambda each: each.erase())),
]


def encode(aggregate: Aggregate) -> EncodedEvent:
    event = aggregate.take_event()
    aggregate.record(event)
    if isinstance(aggregate, Tool):
        return TOOLS.encode(aggregate, event)
    assert isinstance(aggregate, Observation)
    return OBSERVATIONS.encode(aggregate, event)


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, aggregate: Aggregate) -> None:
    encoded = encode(aggregate)
    assert encoded.type == f"coaching.observations.v1.{name}"
    assert_golden("observations", encoded)
    assert CANARY.encode() not in encoded.data


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_scores_leave_only_from_shared_on(steps: int) -> None:
    encoded = encode(observation(steps))
    message = message_class(encoded.type)()
    message.ParseFromString(encoded.data)
    assert isinstance(
        message,
        observation_events_pb2.ObservationScheduled
        | observation_events_pb2.ObservationScored
        | observation_events_pb2.ObservationCompleted
        | observation_events_pb2.ObservationShared
        | observation_events_pb2.ObservationAcknowledged,
    )
    assert len(message.observation.scores) == (2 if steps >= 4 else 0)
    assert (b"feedback" in encoded.data) is (steps >= 4)


def test_a_receipt_is_published_as_its_example_says() -> None:
    assert_receipt("observations", RECEIPTS)
    assert_report("observations", REPORTS)


def test_every_event_has_an_example() -> None:
    assert_complete("observations", observation_events_pb2, share_events_pb2, tool_events_pb2)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, aggregate in EVENTS:
        if isinstance(aggregate, Tool):
            assert TOOLS.from_state(aggregate.id, "north", 0, TOOLS.to_state(aggregate)) == (
                aggregate
            )
        if isinstance(aggregate, Observation):
            state = OBSERVATIONS.to_state(aggregate)
            assert OBSERVATIONS.from_state(aggregate.id, "north", 0, state) == aggregate
