"""Rows as bytes that can be compared: the order in which facts arrived leaves no trace."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import orjson

from services.chassis.kernel import millis
from services.chassis.views.followed import TRACE
from services.chassis.views.projection import Row


def canonical(row: Row) -> bytes:
    """JSON with sorted keys; instants in UTC by the millisecond, as MongoDB keeps them. Which trace
    is followed through a row is none of what it says."""
    row = {name: value for name, value in row.items() if name != TRACE}
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    return orjson.dumps(row, default=_plain, option=options)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return millis(value.astimezone(UTC)).isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} cannot stand in a row")


async def digest(rows: AsyncIterator[Row]) -> tuple[int, str]:
    """How many rows, and SHA-256 over all of them; the rows must come in order of id."""
    count, hashed = 0, hashlib.sha256()
    async for row in rows:
        count += 1
        hashed.update(canonical(row))
        hashed.update(b"\n")
    return count, hashed.hexdigest()
