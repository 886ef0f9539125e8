"""Every state machine, walked at random against the table of what becomes of it
(tests/support/lives.py): of each so many lives of 50 steps."""

from __future__ import annotations

import asyncio

from tests.fuzz.tally import Tally, Wrong
from tests.support.every_life import EVERY_LIFE
from tests.support.lives import Life, Stages, walked

STEPS = 50


async def lives(seed: int, count: int) -> Tally:
    """`count` lives of each kind. How much memory Hypothesis takes to choose is nobody's here."""
    return await asyncio.to_thread(_walked, seed, count)  # Hypothesis is not asynchronous


def _walked(seed: int, count: int) -> Tally:
    tally, stages = Tally("lives", seed), Stages()
    try:
        for life in EVERY_LIFE:
            _walk(life, stages, tally, seed, count)
    finally:
        stages.close()
    return tally


def _walk(life: Life, stages: Stages, tally: Tally, seed: int, count: int) -> None:
    def note(_: str) -> None:
        tally.add(life.kind, "as told")

    try:
        walked(life, stages, examples=count, steps=STEPS, seed=seed, note=note)
    except AssertionError as error:
        raise Wrong(f"{life.kind}: {error}") from error
