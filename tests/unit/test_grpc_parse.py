"""From a protobuf message to the body that REST uses too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import AwareDatetime

from coaching.goals.v1 import goal_pb2
from services.chassis.edge.grpc_parse import parse
from services.chassis.fields import Body, Number
from services.chassis.kernel import Fault, invalid


def test_timestamps_are_aware_and_shapes_must_fit() -> None:
    class Recorded(Body):
        value: Number
        recorded_at: AwareDatetime

    message = goal_pb2.Progress(value=2.5)
    message.recorded_at.FromJsonString("2026-10-05T15:00:00Z")
    others = [each.name for each in message.DESCRIPTOR.fields][2:]
    body = parse(Recorded, message, skip=others)
    assert body == Recorded(value=2.5, recorded_at=datetime(2026, 10, 5, 15, tzinfo=UTC))
    with pytest.raises(TypeError, match="note: not in Recorded"):
        parse(Recorded, message)
    with pytest.raises(Fault, match="missing"):
        parse(Recorded, goal_pb2.Progress(), skip=others)
    assert invalid("x", "y").place == ""
