"""Calls about a survey that are overtaken, and processes that die between their steps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from services.chassis.crash_points import Crashed, crash_point
from services.chassis.kernel import Fault
from services.surveys.administration.closing import close_administration
from services.surveys.administration.outline import AdministrationOutline
from services.surveys.administration.seats import Seats
from tests.support.surveys import Service, call, submit


def dies_at(name: str) -> Callable[[str], None]:
    """Dies when it passes `name` for the first time."""
    left = iter([name])

    def hook(passed: str) -> None:
        if passed == name and next(left, None):
            raise Crashed(name)

    return hook


async def close(service: Service, survey: str, key: str = "") -> AdministrationOutline:
    who = call("close_administration", key=key, content="f")
    return await close_administration(service.ports, who, survey)


async def answer(service: Service, survey: str, code: str, *, hurry: int) -> str:
    """The code of the fault, or "" for an answer that was acknowledged."""
    for _ in range(hurry):
        await asyncio.sleep(0)
    try:
        await submit(service, survey, code, ("i1", 5))
    except Fault as fault:
        return fault.code
    return ""


class Slow:
    """Seats of which one method acts only after `go`."""

    def __init__(self, inner: Seats, slow: str) -> None:
        self._inner, self._slow = inner, slow
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name != self._slow:
            return method

        async def later(*arguments: Any) -> Any:
            self.reached.set()
            await self.go.wait()
            result = await method(*arguments)
            crash_point("prepared")
            return result

        return later
