"""`Journal` in memory: for unit, contract and component tests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import encode

from services.chassis.crash_points import crash_point
from services.chassis.log.envelope import Entry
from services.chassis.mongo import decoded
from services.chassis.write.documents import READ_BYTES, JournalEntry, journal_place


class MemoryJournal:
    def __init__(self) -> None:
        self._entries: dict[str, JournalEntry | None] = {}  # None: what was there was erased
        self._left: dict[tuple[str, str, str], dict[int, Entry]] = {}
        self._sealed: set[tuple[str, str]] = set()  # districts and aggregates

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        await asyncio.sleep(0)
        for entry in entries:
            for each in entry.event.entries:
                of = entry.district, entry.aggregate_id, each.kind
                left = self._left.setdefault(of, {})
                old, version = left.get(each.number), entry.event.version
                if old is None or old.version < version:
                    state = decoded(encode(each.state))
                    left[each.number] = replace(each, state=state, version=version)
            event = replace(entry.event, entries=())
            self._entries.setdefault(entry.id, replace(entry, event=event))
        for entry in entries:
            if entry.event.erases:
                crash_point("E1")
                self._seal(entry)

    def _seal(self, entry: JournalEntry) -> None:
        of, version = entry.aggregate_id, entry.event.version
        self._entries.update((journal_place(of, n), None) for n in range(1, version))
        self._sealed.add((entry.district, of))
        for (district, aggregate, _), left in self._left.items():
            if (district, aggregate) == (entry.district, of):
                for number, each in left.items():
                    left[number] = replace(each, state={}, version=version)

    async def left(
        self, district: str, aggregate: str, kind: str, below: int, limit: int
    ) -> Sequence[Entry]:
        await asyncio.sleep(0)
        if (district, aggregate) in self._sealed:
            return []
        left = self._left.get((district, aggregate, kind), {})
        return [left[number] for number in sorted(left, reverse=True) if number < below][:limit]

    async def read(
        self, district: str, until: datetime | None, after: str, limit: int, aggregate: str = ""
    ) -> Sequence[JournalEntry]:
        await asyncio.sleep(0)
        found, size = list[JournalEntry](), 0
        for key, entry in sorted(self._entries.items()):
            if (
                entry is not None
                and key > after
                and district in ("", entry.district)
                and aggregate in ("", entry.aggregate_id)
                and (until is None or entry.event.occurred_at < until)
            ):
                found.append(entry)
                size += len(entry.event.data)
                if len(found) == limit or size >= READ_BYTES:
                    break
        return found

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
