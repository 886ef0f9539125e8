"""The ids of what there may be only one of at a time, and another once that was erased."""

from __future__ import annotations

from typing import Any

from services.chassis.write.ids import id_after
from services.chassis.write.write_path import WritePath

MOST_TIMES = 100  # that one thing is erased and made anew: then its last id stays taken


async def anew_id(path: WritePath[Any], district: str, *parts: str) -> str:
    """The id of the one that there is for these parts, else of the one that may be made: the first
    that is not of one that was erased, so that two who make it at once mean the same. 1 command,
    and another for each that was erased."""
    id_ = path.derived_id(district, *parts)
    for _ in range(MOST_TIMES):
        if not await path.is_erased(district, id_):
            break
        id_ = id_after(id_, "anew")
    return id_
