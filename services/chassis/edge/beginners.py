"""Who reads a topic herself, to catch up with it: few at a time, and nobody for longer than she
takes what is read for her."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from services.chassis.kernel import Fault, Kind

MOST, OF_DISTRICT = 4, 2  # and one of a caller
TAKEN_SECONDS = 30.0

T = TypeVar("T")


class Who(NamedTuple):
    district: str
    caller: str


class Beginners:
    def __init__(self) -> None:
        self._now: list[Who] = []

    @contextmanager
    def place(self, who: Who) -> Iterator[None]:
        """Raises Fault LIMITED `too_many_begin`."""
        of_district = sum(each.district == who.district for each in self._now)
        if who in self._now or of_district >= OF_DISTRICT or len(self._now) >= MOST:
            raise Fault(Kind.LIMITED, "too_many_begin", "Try again in some seconds.")
        self._now.append(who)
        try:
            yield
        finally:
            self._now.remove(who)


async def in_time(given: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """The same; but where one is not taken within 30 s, `given` is closed then, and who comes for
    the next one gets Fault LIMITED `slow_reader`."""
    loop = asyncio.get_running_loop()
    closing: list[asyncio.Task[None]] = []

    def late() -> None:
        closing.append(asyncio.ensure_future(given.aclose()))

    try:
        async for each in given:
            timer = loop.call_later(TAKEN_SECONDS, late)
            try:
                yield each
            finally:
                timer.cancel()
            if closing:
                raise slow_reader()
    finally:
        await (closing[0] if closing else given.aclose())


def slow_reader() -> Fault:
    return Fault(Kind.LIMITED, "slow_reader", "Go on from the last position.")
