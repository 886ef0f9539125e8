"""What a service's API keeps of people follows the watch on its access view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from services.access.directory import CachedDirectory
from services.assembly.api import _forgetting
from services.chassis.mongo import Collection
from services.chassis.views.projection import Row
from services.chassis.views.watch import Reset, RowChanged, RowWatch

TEACHER = "north:teacher-1"
PERSON = {"v": 1, "active": True, "roles": []}
Notice = RowChanged | Reset | None


async def nowhere() -> Collection:
    raise AssertionError("nothing is watched")


class Told(RowWatch):
    """Tells what a test says."""

    def __init__(self) -> None:
        super().__init__(nowhere)
        self._notices: asyncio.Queue[Notice] = asyncio.Queue()
        self._heard = asyncio.Event()

    @contextmanager
    def subscribe(self) -> Iterator[Any]:
        yield self

    async def next(self, timeout: float) -> Notice:
        self._heard.set()
        notice = await self._notices.get()
        self._heard.clear()
        return notice

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()

    async def say(self, notice: Notice) -> None:
        """Returns once it has been heard. None: for a while there is nothing."""
        await self._heard.wait()
        self._heard.clear()
        self._notices.put_nowait(notice)
        await self._heard.wait()


class Kept:
    """One person's profile, believed for 10 seconds, and how often it was read."""

    def __init__(self) -> None:
        self.reads, self.now, self.watch = 0, 0.0, Told()
        self.directory = CachedDirectory(self, seconds=10, monotonic=lambda: self.now)

    async def access_rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        self.reads += 1
        return {TEACHER: {"_id": TEACHER, "facts": {"person": {"teacher-1": PERSON}}}}

    async def ask(self) -> None:
        await self.directory.profile("north", "teacher-1")


@asynccontextmanager
async def kept() -> AsyncIterator[Kept]:
    made, stop = Kept(), asyncio.Event()
    role = asyncio.ensure_future(_forgetting(made.directory, made.watch)(stop))
    await made.watch.say(Reset())
    await made.ask()
    try:
        yield made
    finally:
        role.cancel()
        await asyncio.gather(role, return_exceptions=True)


async def test_a_profile_is_not_read_again_while_the_watch_tells_all_there_is() -> None:
    async with kept() as it:
        for moment in (9.0, 18.0, 27.0):
            it.now = it.watch.told_until = moment
            await it.watch.say(None)
            await it.ask()
        assert it.reads == 1
        it.now = 37.0
        await it.watch.say(None)  # it has caught up with nothing since
        await it.ask()
        assert it.reads == 2


async def test_what_changed_or_may_have_changed_is_read_again_at_once() -> None:
    async with kept() as it:
        notices: list[Notice] = [RowChanged(TEACHER), Reset()]
        for reads, notice in enumerate(notices, 2):
            await it.watch.say(notice)
            await it.ask()
            assert it.reads == reads
        await it.watch.say(RowChanged("north:teacher-2"))
        await it.ask()
        assert it.reads == 3
