"""Seeded choices of hostile things."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar
from urllib.parse import quote_from_bytes

from tests.support.hostile_json import CANARY

T = TypeVar("T")

_TEXTS = [
    "",
    CANARY,
    f"{CANARY}\0",
    f"{CANARY}\u202e",
    f"{CANARY}\x9b",
    f"{CANARY}\ud800",
    f"{CANARY}<script>",
    "$where",
    "a.b",
    "a:b",
    "2027-02-30",
    "2027-02-28",
    "9999-12-31T23:59:59-14:00",
    "2027-03-04T10:00:00Z",
    "1",
    "null",
    "\u2603" * 40,
    CANARY * 30,
    CANARY * 500,
    "e\u0301",
    "\U0001f4a9",
]
_NUMBERS = [0, -1, 1, 2, 7, 100, 2027, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 0.5, -0.0, 1e300]
_KEYS = [CANARY, "", "$set", "a.b", "__proto__", "district", "version", "goal_id", "teacher_id"]


def some(chance: Random, operators: Sequence[T], weights: Sequence[float]) -> list[T]:
    """Up to five ways to break an input, mostly one, seldom none."""
    how_many = chance.choices((0, 1, 2, 3, 5), (8, 50, 25, 12, 5))[0]
    return chance.choices(operators, weights, k=how_many)


def text(chance: Random) -> str:
    if chance.random() < 0.6:
        return chance.choice(_TEXTS)
    return "".join(chr(chance.choice(_POINTS)) for _ in range(chance.randrange(20))) + CANARY


_POINTS = [*range(32, 127), *range(160, 256), 0, 9, 10, 13, 0x200B, 0x2028, 0xFEFF, 0xFFFF, 0x1F600]


def json_value(chance: Random, depth: int = 3) -> Any:
    """Any JSON value, seldom a valid one for anything."""
    kind = chance.randrange(8 if depth else 6)
    if kind < 3:
        return text(chance)
    if kind == 3:
        return chance.choice(_NUMBERS)
    if kind == 4:
        return chance.randrange(-(2**66), 2**66) >> chance.randrange(66)
    if kind == 5:
        return chance.choice([None, True, False])
    inside = [json_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 6:
        return inside
    return {chance.choice(_KEYS): each for each in inside}


def json_text(chance: Random) -> bytes:
    return json.dumps(json_value(chance)).encode()


def mangled(chance: Random, data: bytes) -> bytes:
    """`data` with some of its bytes changed, lost, repeated or added."""
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 4, 16])):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(5):
            case 0:
                made[at : at + 1] = chance.randbytes(1)
            case 1:
                del made[at : at + chance.randrange(1, 9)]
            case 2:
                made[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 3:
                made[at:at] = made[at : at + chance.randrange(1, 40)]
            case _:
                del made[at:]
    return bytes(made)


def segment(chance: Random) -> str:
    """A percent-encoded part of a path or a query."""
    if chance.random() < 0.5:
        return quote_from_bytes(chance.randbytes(chance.randrange(1, 24)), safe="")
    return quote_from_bytes(text(chance).encode("utf-8", "surrogatepass"), safe="")
