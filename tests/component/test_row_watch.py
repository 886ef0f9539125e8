"""A watch of rows goes on after each failure of its stream, however many there were before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Self, cast

import pytest
from pymongo.errors import AutoReconnect

from services.chassis.mongo import Collection
from services.chassis.views import watch
from services.chassis.views.watch import PAUSES, RowWatch


class Stream:
    """Of a collection whose member goes away once it has `said` so much."""

    resume_token: Mapping[str, Any] = {"_data": "1"}

    def __init__(self, said: int) -> None:
        self.said = said

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def try_next(self) -> None:
        if not self.said:
            raise AutoReconnect("gone")
        self.said -= 1


class Cards:
    name = "cards"

    def __init__(self, *said: int) -> None:
        self.said = list(said)

    def watch(self, *_: Any, **__: Any) -> Stream:
        return Stream(self.said.pop(0))


async def pauses(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Those of a watch until nothing is left to be said."""
    found: list[float] = []

    async def rest(stop: asyncio.Event, seconds: float) -> None:
        found.append(seconds)
        if not cards.said:
            stop.set()

    async def resolve() -> Collection:
        return cast(Collection, cards)

    monkeypatch.setattr(watch, "rest", rest)
    await RowWatch(resolve).run(asyncio.Event())
    return found


async def test_one_that_was_heard_is_opened_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await pauses(Cards(1, 2, 1, 3, 1, 1), monkeypatch) == [PAUSES[0]] * 6


async def test_one_that_is_never_heard_is_left_alone_for_longer_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await pauses(Cards(0, 0, 0, 0, 0), monkeypatch) == [*PAUSES, PAUSES[-1]]
