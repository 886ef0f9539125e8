"""What a command does that has lost a race for its aggregate."""

from __future__ import annotations

import asyncio
import random

RACES = 5  # lost races before the caller is asked to try again
RACE_SECONDS = 0.005  # the longest pause after the first lost race, doubled by each
_random = random.SystemRandom()


async def lost(race: int) -> None:
    """Pause after a lost race, the first of which is 0: a majority read sees the winner only when
    a majority has it."""
    await asyncio.sleep(_random.uniform(0, RACE_SECONDS * 2**race))
