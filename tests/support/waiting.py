"""Waiting for what happens soon, without sleeping for longer than it takes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

STEP = 0.01


async def eventually(check: Callable[[], bool | Awaitable[bool]], timeout: float = 10.0) -> None:
    """Returns as soon as `check` says yes; AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = check()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        assert time.monotonic() < deadline, f"not within {timeout} s"
        await asyncio.sleep(STEP)
