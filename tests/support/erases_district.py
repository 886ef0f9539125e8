"""`python -m tests.support.erases_district URI DISTRICT MOST SERVICE=DATABASE...`: erases a
district in batches of 5, and kills itself after `MOST` of them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from services.ctl.district_erasure import DistrictErasure
from services.ctl.engines_target import opened

BATCH = 5


async def no_pause(span: timedelta) -> None:
    """Nobody else is at work."""


async def erase(uri: str, district: str, most: int, names: dict[str, str]) -> None:
    left = most

    def told(service: str, collection: str, deleted: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    with opened(uri, names) as databases:
        now = datetime.now(UTC)
        work = DistrictErasure(databases, district, lambda: now, no_pause, told, BATCH)
        await work.run()


if __name__ == "__main__":
    uri_, district_, most_, *named = sys.argv[1:]
    names_ = {each.partition("=")[0]: each.partition("=")[2] for each in named}
    asyncio.run(erase(uri_, district_, int(most_), names_))
