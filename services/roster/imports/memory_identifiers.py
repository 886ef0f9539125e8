"""`Identifiers` in memory: for contract and component tests. Every method yields to the loop once
before it acts, as a database would."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from services.chassis.write.memory_sealing import MemorySealingKey
from services.roster.imports.identifiers import Marks


class MemoryIdentifiers:
    def __init__(self) -> None:
        self._sealing = MemorySealingKey()
        self._known: dict[str, dict[str, Marks]] = {}

    async def ensure_indexes(self) -> None:
        return None

    async def key(self) -> bytes:
        return await self._sealing.key()

    async def all(self, district: str) -> dict[str, Marks]:
        await asyncio.sleep(0)
        return dict(self._known.get(district, {}))

    async def put(self, district: str, changed: Mapping[str, Marks | None]) -> None:
        await asyncio.sleep(0)
        known = self._known.setdefault(district, {})
        for person, marks in changed.items():
            if marks is None:
                known.pop(person, None)
            else:
                known[person] = marks
