"""What stands in a stored row, which another build may have written, or nobody whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.chassis.field_names import from_field_name
from services.chassis.views.projection import Row

Fact = dict[str, Any]


def district_of(row: Row) -> str:
    """The id of a row begins with it."""
    return str(row["_id"]).partition(":")[0]


def facts_in(row: Row, group: str) -> Sequence[tuple[str, Fact]]:
    return [
        (from_field_name(name) if "%" in name else name, fact)
        for name, fact in sorted(row["facts"].get(group, {}).items())
    ]


# What is shown is of these types and sizes, or no answer could be written.


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def count(value: Any) -> int:
    if not (isinstance(value, int) and 0 <= value < 2**31):
        raise ValueError
    return value


def number(value: Any) -> float | None:
    if not (value is None or isinstance(value, int | float)):
        raise TypeError
    return value


def when(value: Any) -> datetime | None:
    if not (value is None or isinstance(value, datetime)):
        raise TypeError
    return value
