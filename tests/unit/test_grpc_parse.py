"""From a protobuf message to the body that REST uses too."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import AwareDatetime, Field

from coaching.goals.v1 import goal_pb2
from coaching.observations.v1 import tool_pb2
from services.chassis.edge.grpc_parse import MOST_ENTRIES, check_words, parse
from services.chassis.fields import Body, Line, Number, Resource
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


def test_a_list_that_is_too_long_is_refused_before_any_of_it_is_read() -> None:
    class Level(Body):
        score: Number
        quality: Line

    class Bounded(Body):
        levels: list[Level] = Field(max_length=2)

    class Unbounded(Body):
        levels: list[Level]

    message = tool_pb2.DraftCriterion()
    others = [each.name for each in message.DESCRIPTOR.fields if each.name != "levels"]
    for model, most in ((Bounded, 2), (Unbounded, MOST_ENTRIES)):
        del message.levels[:]
        message.levels.extend([tool_pb2.Level()] * (most + 1))
        with pytest.raises(Fault) as refused:
            parse(model, message, skip=others)
        assert (refused.value.code, refused.value.place) == ("too_long", "/levels")


class Way(StrEnum):
    INCREASE = "increase"
    SIDEWAYS = "sideways"


class OfAnEnum(Resource):
    direction: Annotated[Way, Field(strict=False)] | None


class OfALiteral(Resource):
    direction: Literal["increase", "sideways"]


class OfAnyText(Resource):
    direction: str


class OfAll(Resource):
    direction: Literal["increase", "decrease"]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (OfAnEnum, "proto lacks sideways; Way in tests/unit/test_grpc_parse.py lacks decrease"),
        (OfALiteral, "sideways; OfALiteral in tests/unit/test_grpc_parse.py lacks decrease"),
        (OfAnyText, "OfAnyText in tests/unit/test_grpc_parse.py lacks decrease, increase"),
    ],
)
def test_an_enum_of_the_proto_has_the_words_of_the_model(model: type[Resource], told: str) -> None:
    field = goal_pb2.Goal.DESCRIPTOR.fields_by_name["direction"]
    with pytest.raises(TypeError, match=f"^coaching.goals.v1.Goal.direction: .*{told}$"):
        check_words(field, model)
    check_words(field, OfAll)
