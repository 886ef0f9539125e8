"""What stands in a stored row, which another build may have written, or nobody whole."""

from __future__ import annotations

from typing import Any

from services.chassis.views.projection import Row


def district_of(row: Row) -> str:
    """The id of a row begins with it."""
    return str(row["_id"]).partition(":")[0]


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
