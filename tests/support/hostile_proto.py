"""One good protobuf request, broken in one field at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

CANARY = "Zanzibar77"
STRINGS = [
    "\0",
    f"{CANARY}\0",
    f"{CANARY}\x07",
    f"{CANARY}\x7f",
    f"{CANARY}\x9b",
    CANARY * 1_200,
]
# What no id is; a free text may say such things.
IDS = ["", '{"$gt":""}', "$where", "a:b", "a b", "a\nb", f"{CANARY}\n", "x" * 256, "\u202e"]
DOUBLES = [math.nan, math.inf, -math.inf, 1e300, -1e300]
INTEGERS = [-(2**31), -1, 2**31 - 1]
SECONDS = [-(2**62), 2**62, -62135596801, 253402300800, -1]


@dataclass(frozen=True)
class Broken:
    """A request and the path of its broken field, as BadRequest names it."""

    field: str
    value: object
    raw: bytes


def broken(good: Message, ids: frozenset[str]) -> Iterator[Broken]:
    """Each field of `good` with values that it cannot take. `ids` are fields that hold one."""
    yield from _broken(good, good, "", ids)


def _broken(whole: Message, part: Message, place: str, ids: frozenset[str]) -> Iterator[Broken]:
    for field in part.DESCRIPTOR.fields:
        name = f"{place}{field.name}"
        if field.name == "resume_token":
            continue  # what is no place is as good as none: nothing is refused
        if field.name == "page_token":
            hostile: list[Any] = [CANARY, "\0", "A" * 1025, "AQ", "\u2603"]
        elif field.name == "request_id":
            hostile = ["a b", "x" * 129, "\x7f", "\u2603", f"{CANARY}\n"]
        elif field.name == "etag":
            hostile = ["-1", CANARY, "*", "9" * 17, '"1', "\0"][:5]
        elif field.type == FieldDescriptor.TYPE_STRING:
            hostile = [*STRINGS, *(IDS[1:] if field.name in ids else [])]
        elif field.type == FieldDescriptor.TYPE_DOUBLE:
            hostile = list(DOUBLES)
        elif field.type == FieldDescriptor.TYPE_INT32:
            hostile = list(INTEGERS)
        elif field.type == FieldDescriptor.TYPE_ENUM:
            hostile = [99, -1, 2**31 - 1]
        else:
            yield from _inside(whole, part, field, name, ids)
            continue
        if field.is_repeated:
            name = f"{name}[0]"
        for value in hostile:
            yield Broken(name, value, _with(whole, part, field, value))


def _inside(
    whole: Message, part: Message, field: Any, name: str, ids: frozenset[str]
) -> Iterator[Broken]:
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        return  # bytes and booleans take everything that fits in them
    held = getattr(part, field.name)
    assert field.message_type is not None
    if field.message_type.full_name == "google.protobuf.Timestamp":
        left_out = not part.HasField(field.name)
        for seconds in SECONDS:
            before = held.seconds
            held.seconds = seconds
            yield Broken(name, seconds, whole.SerializeToString())
            held.seconds = before
        if left_out:
            part.ClearField(field.name)
    elif field.is_repeated:
        if held:
            yield from _broken(whole, held[0], f"{name}[0].", ids)
    elif part.HasField(field.name):
        yield from _broken(whole, held, f"{name}.", ids)


def _with(whole: Message, part: Message, field: Any, value: Any) -> bytes:
    """`whole` with another value in a field of `part`, which is put back afterwards."""
    before = type(part)()
    before.CopyFrom(part)
    if field.is_repeated:
        held = getattr(part, field.name)
        if len(held):
            held[0] = value
        else:
            held.append(value)
    else:
        setattr(part, field.name, value)
    raw = whole.SerializeToString()
    part.CopyFrom(before)
    return raw
