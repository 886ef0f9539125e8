"""How the work of a role ends."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis import rounds
from services.chassis.rounds import rest, until_stopped


class Work:
    def __init__(self) -> None:
        self.ended = ""

    async def until(self, event: asyncio.Event) -> None:
        try:
            await event.wait()
            self.ended = "by itself"
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise


async def test_it_ends_with_what_its_work_ends_with() -> None:
    async def fails() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await until_stopped(fails(), asyncio.Event())
    work, over = Work(), asyncio.Event()
    over.set()
    await until_stopped(work.until(over), asyncio.Event())
    assert work.ended == "by itself"


@pytest.mark.parametrize(("busy", "ended"), [(True, "by itself"), (False, "cancelled")])
async def test_what_is_under_way_is_finished_and_what_waits_is_not(busy: bool, ended: str) -> None:
    work, over, stop = Work(), asyncio.Event(), asyncio.Event()
    stop.set()
    running = asyncio.create_task(until_stopped(work.until(over), stop, lambda: busy))
    for _ in range(10):
        await asyncio.sleep(0)
    assert work.ended == ("" if busy else ended)
    over.set()
    await running
    assert work.ended == ended


async def test_what_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "STOP_SECONDS", 0.01)
    work, stop = Work(), asyncio.Event()
    stop.set()
    await until_stopped(work.until(asyncio.Event()), stop)
    assert work.ended == "cancelled"


async def test_a_rest_ends_when_it_is_told_to() -> None:
    stop = asyncio.Event()
    await rest(stop, 0.0)
    stop.set()
    await asyncio.wait_for(rest(stop, 1_000), 10)
