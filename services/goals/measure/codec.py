"""Measures: stored state and published events."""

from __future__ import annotations

from coaching.goals.v1 import goal_events_pb2, measure_events_pb2
from services.chassis.words import numbers_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.measure.domain import Direction, Measure, MeasureStated

_DIRECTIONS = numbers_of(Direction, goal_events_pb2.Direction.DESCRIPTOR)


def measure_snapshot(measure: Measure) -> measure_events_pb2.MeasureSnapshot:
    """Without the title: it is for people, not for a program."""
    return measure_events_pb2.MeasureSnapshot(
        measure_id=measure.code,
        unit=measure.said.unit,
        direction=_DIRECTIONS[measure.said.direction],
        retired=measure.said.retired,
        stated_at=stamp(measure.stated_at),
    )


def encode_measure(measure: Measure, event: MeasureStated) -> EncodedEvent:
    message = measure_events_pb2.MeasureStated(measure=measure_snapshot(measure))
    return encoded(message, (f"{measure.district}:measure-{measure.code}",))


MEASURES = AggregateCodec("measure", Measure, encode_measure)
