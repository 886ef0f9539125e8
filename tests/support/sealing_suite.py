"""What every `SealingKey` keeps. A subclass has a fixture `processes`: several of one service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.chassis.write.sealing import KEY_BYTES, SealingKey


class SealingSuite:
    async def test_all_processes_have_one_key_who_ever_asks_first(
        self, processes: Sequence[SealingKey]
    ) -> None:
        found = await asyncio.gather(*(each.key() for each in processes for _ in range(3)))
        assert {len(each) for each in found} == {KEY_BYTES}
        assert len(set(found)) == 1
        assert len(set(found[0])) > 16  # it is no constant
