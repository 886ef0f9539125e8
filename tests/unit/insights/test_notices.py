"""What the notices of changed cards say when their reader could not keep up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from services.chassis.views.watch import RowChanged, RowWatch, Subscription
from services.insights.live.notices import MongoNotices
from tests.support.waiting import eventually


class Board:
    """Stands for the process's `RowWatch`: a subscriber has room for one notice."""

    def __init__(self) -> None:
        self.subscribers: set[Subscription] = set()

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        one = Subscription(1)
        self.subscribers.add(one)
        yield one
        self.subscribers.discard(one)

    async def watched(self) -> bool:
        return bool(self.subscribers)

    def tell(self, row: str) -> None:
        for each in list(self.subscribers):
            if not each.offer(RowChanged(row)):
                self.subscribers.discard(each)


async def test_a_change_while_everything_is_read_again_is_heard_of() -> None:
    board = Board()
    changes = MongoNotices(cast(RowWatch, board)).follow()
    first = asyncio.ensure_future(anext(changes))
    await eventually(board.watched)
    for row in ("north:t1:2026", "north:t2:2026", "north:t3:2026"):
        board.tell(row)
    assert await asyncio.wait_for(first, 10) is None  # the hub reads every caseload now
    board.tell("north:t4:2026")
    assert await asyncio.wait_for(anext(changes), 10) == ["north:t4:2026"]
