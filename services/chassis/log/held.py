"""What a log holds, asked of each partition number apart: one that has no leader answers nothing,
and holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from services.chassis.log.source import SourceDown

LATE_S = 2.0  # that the others have once the first has answered
AGAIN_S = 10.0  # between two askings of those that have not

Held = tuple[Mapping[Any, int], Mapping[Any, int]]
"""Of each partition of a number where it begins and where it ends."""


class Answers:
    """`ask` raises SourceDown for a number of which nothing can be learnt now. What does not answer
    at first is in `silent`, and asked again until it does or is dropped."""

    def __init__(self, ask: Callable[[int], Awaitable[Held]]) -> None:
        self._ask = ask
        self._again: asyncio.Task[None] | None = None
        self._came: dict[int, Held] = {}
        self.silent: frozenset[int] = frozenset()

    async def first(self, numbers: Collection[int], within: float) -> Mapping[int, Held]:
        """What those hold that answer within so many seconds. Raises SourceDown where one is
        refused and none answers. That none answers is no reason to give them up: who leads them
        may be down, and another member would learn it no sooner."""
        await self.drop()
        answers, error = await self._asked(numbers, within)
        if error is not None and not answers:
            raise error
        self.silent = frozenset(numbers) - answers.keys()
        if self.silent:
            self._again = asyncio.create_task(self._ask_again(within))
        return answers

    def late(self) -> Mapping[int, Held]:
        """What those hold that have answered since: they are silent no more."""
        if self._again is not None and self._again.done():
            self._again.result()
        came, self._came = self._came, {}
        self.silent -= came.keys()
        return came

    async def drop(self) -> None:
        again, self._again = self._again, None
        self._came, self.silent = {}, frozenset()
        if again is not None:
            again.cancel()
            await asyncio.gather(again, return_exceptions=True)

    async def _ask_again(self, within: float) -> None:
        while missing := self.silent - self._came.keys():
            await asyncio.sleep(AGAIN_S)
            answers, _ = await self._asked(missing, within)
            self._came.update(answers)  # which `late` may have taken meanwhile

    async def _asked(
        self, numbers: Collection[int], within: float
    ) -> tuple[dict[int, Held], SourceDown | None]:
        tasks = {number: asyncio.ensure_future(self._ask(number)) for number in numbers}
        answers: dict[int, Held] = {}
        error: SourceDown | None = None
        now = asyncio.get_running_loop().time
        until, open_ = now() + within, set(tasks.values())
        try:
            while open_ and now() < until:
                done, open_ = await asyncio.wait(
                    open_, timeout=until - now(), return_when=asyncio.FIRST_COMPLETED
                )
                for number, task in tasks.items():
                    if task in done:
                        try:
                            answers[number] = task.result()
                        except SourceDown as down:
                            error = down
                if answers:
                    until = min(until, now() + LATE_S)
        finally:
            for task in open_:
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        return answers, error
