"""`Journal` in memory: for unit, contract and component tests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.chassis.write.documents import JournalEntry, VersionEntry, slot_of


class MemoryJournal:
    def __init__(self) -> None:
        self._entries: dict[str, JournalEntry] = {}

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        await asyncio.sleep(0)
        for entry in entries:
            self._entries.setdefault(entry.id, entry)

    async def read(
        self, district: str, until: datetime | None, after: str, limit: int, aggregate: str = ""
    ) -> Sequence[JournalEntry]:
        await asyncio.sleep(0)
        return [
            entry
            for key, entry in sorted(self._entries.items())
            if key > after
            and district in ("", entry.district)
            and aggregate in ("", entry.aggregate_id)
            and (until is None or entry.event.occurred_at < until)
        ][:limit]

    async def newest(
        self,
        district: str,
        until: datetime | None,
        after: str,
        among: int,
        replacing: Sequence[Collection[str]],
    ) -> Sequence[JournalEntry]:
        newest: dict[Any, JournalEntry] = {}
        for entry in await self.read(district, until, after, among):
            event = entry.event
            groups = [n for n, types in enumerate(replacing) if event.type in types]
            group = groups[0] if groups and event.year else entry.id
            newest[entry.aggregate_id, event.keys, event.year, group] = entry
        return sorted(newest.values(), key=lambda entry: entry.id)

    async def versions(
        self, district: str, slot: int, after: str, limit: int
    ) -> Sequence[VersionEntry]:
        await asyncio.sleep(0)
        newest: dict[str, VersionEntry] = {}
        for _, entry in sorted(self._entries.items()):
            name = entry.aggregate_id
            if name > after and slot_of(name) == slot and district in ("", entry.district):
                newest[name] = VersionEntry(name, entry.event.version, entry.event.keys)
        return [newest[name] for name in sorted(newest)][:limit]
