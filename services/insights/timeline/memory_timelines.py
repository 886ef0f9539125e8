"""The twin of `mongo_timelines` over views in memory, for tests: one suite holds both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from services.chassis.views.freshness import NEVER
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Row
from services.chassis.write.loading import Found
from services.insights.timeline.domain import ItemKind
from services.insights.timeline.fold import GROUP, MEMBERS, TIMELINE
from services.insights.timeline.stores import Reading, instant_and_id, place_of


class MemoryTimelines:
    def __init__(self, views: MemoryViews) -> None:
        self._views = views

    async def page(self, district: str, reading: Reading, after: str, limit: int) -> Found[Row]:
        before = instant_and_id(after) if after else None
        generation = await self._views.generation(GROUP)
        found = [
            row
            async for row in self._views.scan(generation, TIMELINE)
            if (row.get("district"), row.get("teacher"), row.get("listed"))
            == (district, reading.teacher, True)
            and (reading.own or _seen(reading, row))
            and (before is None or (row["at"], row["_id"]) < before)
        ]
        found.sort(key=lambda row: (row["at"], row["_id"]), reverse=True)
        rows = found[:limit]
        return Found(rows, place_of(rows[-1]) if len(found) > limit else "")

    async def members(self, district: str, program: str, most: int) -> Sequence[Row]:
        generation = await self._views.generation(GROUP)
        of_it = (district, program)
        found = [
            row
            async for row in self._views.scan(generation, MEMBERS)
            if (row.get("district"), row.get("program")) == of_it
        ]
        return sorted(found, key=lambda row: str(row["_id"]))[:most]

    async def items(
        self, district: str, teachers: Sequence[str], kinds: Collection[ItemKind]
    ) -> Sequence[Row]:
        generation = await self._views.generation(GROUP)
        return [
            row
            async for row in self._views.scan(generation, TIMELINE)
            if (row.get("district"), row.get("listed")) == (district, True)
            and row.get("kind") in kinds
            and row.get("teacher") in teachers
        ]

    async def as_of(self) -> datetime:
        generation = await self._views.generation(GROUP)
        return await self._views.freshness(generation.group) or NEVER


def _seen(reading: Reading, row: Row) -> bool:
    mine = row.get("open") is True or row.get("of") == reading.reader
    return mine and row.get("kind") in reading.kinds
