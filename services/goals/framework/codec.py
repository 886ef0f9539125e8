"""Frameworks of standards: stored state and published events."""

from __future__ import annotations

from coaching.goals.v1 import framework_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.framework.domain import (
    Framework,
    FrameworkEvent,
    FrameworkState,
    FrameworkSummary,
)

FRAMEWORK_EVENTS = messages_of(published.DESCRIPTOR, "Framework", FrameworkEvent)
_STATES = numbers_of(FrameworkState, published.FrameworkState.DESCRIPTOR)


def framework_snapshot(framework: Framework) -> published.FrameworkSnapshot:
    """Without titles and texts: they stay here."""
    return published.FrameworkSnapshot(
        framework_id=framework.id,
        case_id=framework.case_id,
        state=_STATES[framework.state],
        standard_count=framework.standard_count,
        begun_at=stamp(framework.begun_at),
        published_at=stamp(framework.published_at),
        closed_at=stamp(framework.closed_at),
    )


def encode_framework(framework: Framework, event: FrameworkEvent) -> EncodedEvent:
    message = FRAMEWORK_EVENTS[event](framework=framework_snapshot(framework))
    return encoded(message, (f"{framework.district}:framework-{framework.id}",))


FRAMEWORKS = AggregateCodec("framework", Framework, encode_framework)
FRAMEWORK_SUMMARIES = SummaryCodec(FRAMEWORKS, FrameworkSummary)
