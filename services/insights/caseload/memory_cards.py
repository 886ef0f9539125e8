"""The twin of `mongo_cards` over views in memory, for tests: one suite holds both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.chassis.views.freshness import NEVER
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Row
from services.insights.calendar.fold import CALENDARS
from services.insights.caseload.cards import mark_of, names
from services.insights.caseload.fold import CARDS, GROUP
from services.insights.caseload.stores import CardMark, Listed
from services.insights.org.fold import ORGS
from services.insights.program.fold import PROGRAMS


class MemoryCards:
    def __init__(self, views: MemoryViews) -> None:
        self._views = views

    async def caseload(self, district: str, coach: str, *school_years: int) -> Sequence[Row]:
        return [
            row
            for row in await self._all(CARDS)
            if row.get("district") == district
            and names(row, coach)
            and row.get("school_year") in school_years
        ]

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, CardMark]
    ) -> Sequence[Listed]:
        generation = await self._views.generation(GROUP)
        found = []
        for row in await self.caseload(district, coach, school_year):
            id_, mark = row["_id"], mark_of(row, generation)
            same = mark is not None and known.get(id_) == mark
            found.append(Listed(id_, mark, None if same else row))
        return found

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        generation = await self._views.generation(GROUP)
        found = await self._views.load(generation, {CARDS: ids})
        return {row_id: row for (_, row_id), row in found.items()}

    async def calendars(self) -> Sequence[Row]:
        return await self._all(CALENDARS)

    async def orgs(self, district: str, most: int) -> Sequence[Row]:
        found = await self._all(ORGS)
        return [row for row in found if row.get("district") == district][:most]

    async def programs(self, district: str, most: int) -> Sequence[Row]:
        found = await self._all(PROGRAMS)
        return [row for row in found if row.get("district") == district][:most]

    async def sessions(self, district: str, sessions: Collection[str]) -> Sequence[Row]:
        ids = {f"{district}:{each}" for each in sessions}
        return [row for row in await self._all(CALENDARS) if row["_id"] in ids]

    async def as_of(self) -> datetime:
        generation = await self._views.generation(GROUP)
        return await self._views.freshness(generation.group) or NEVER

    async def _all(self, collection: str) -> list[Row]:
        generation = await self._views.generation(GROUP)
        return [row async for row in self._views.scan(generation, collection)]
