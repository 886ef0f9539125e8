"""Which build is read, as readers remember it."""

from __future__ import annotations

import asyncio
from typing import Any

from services.chassis.views.generations import CurrentViews


class Alias:
    """A collection whose second answer is on its way before its first."""

    def __init__(self) -> None:
        self.asked = 0
        self.second = asyncio.Event()

    def __getitem__(self, _: str) -> Alias:
        return self

    async def find_one(self, _: Any) -> dict[str, int]:
        self.asked += 1
        if self.asked == 1:
            await self.second.wait()
            return {"current": 1}
        self.second.set()
        return {"current": 2}


async def test_an_answer_that_was_overtaken_puts_no_older_build_back() -> None:
    nowhere: Any = Alias()
    views = CurrentViews(nowhere, "cards")
    first = asyncio.ensure_future(views.generation())
    await asyncio.sleep(0)
    assert (await views.generation()).number == 2
    await first
    assert (await views.generation()).number == 2
