"""What stands in a stored row, which another build may have written, or nobody whole."""

from __future__ import annotations

from services.chassis.views.projection import Row


def district_of(row: Row) -> str:
    """The id of a row begins with it."""
    return str(row["_id"]).partition(":")[0]
