"""The time that a caller waits for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from services.chassis.edge.deadline import InTime
from services.chassis.kernel import Fault, Kind

SECONDS = 0.02


async def elapsed(seconds: float) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, over.set)
    await over.wait()


async def test_what_takes_longer_is_given_up() -> None:
    with pytest.raises(Fault) as refused:
        async with InTime(SECONDS):
            await asyncio.Event().wait()
    assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, "deadline")


async def test_what_is_apart_does_not_count_and_what_comes_after_does() -> None:
    async def after(rest: Awaitable[object]) -> None:
        async with InTime(SECONDS) as in_time:
            with in_time.apart():
                await elapsed(3 * SECONDS)
            await rest

    await after(asyncio.sleep(0))
    with pytest.raises(Fault):
        await after(asyncio.Event().wait())


async def test_there_may_be_no_limit() -> None:
    async with InTime(None) as in_time:
        with in_time.apart():
            await elapsed(SECONDS)


async def test_a_timeout_of_something_else_passes() -> None:
    with pytest.raises(TimeoutError):
        async with InTime(60):
            raise TimeoutError
