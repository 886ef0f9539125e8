"""What a log still has, where nothing has left it."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.source import Positions
from services.ctl.rebuilding import Held


def held_of(log: MemoryLog, topics: Sequence[str]) -> Held:
    """All that was ever published."""

    async def held() -> tuple[Positions, Positions]:
        ends = log.ends(topics)
        return {number: dict.fromkeys(each, 0) for number, each in ends.items()}, ends

    return held
