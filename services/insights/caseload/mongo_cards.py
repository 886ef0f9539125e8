"""Cards, calendars, orgs and programs, from the view in MongoDB."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import Database, IndexModel
from services.chassis.views.freshness import NEVER
from services.chassis.views.generations import CurrentViews
from services.chassis.views.projection import Row
from services.chassis.views.reading import reading_rows
from services.chassis.views.rows import Generation, Views
from services.insights.calendar.fold import CALENDARS
from services.insights.caseload.cards import mark_of
from services.insights.caseload.fold import CARDS, GROUP
from services.insights.caseload.stores import CardMark, Listed
from services.insights.org.fold import ORGS
from services.insights.program.fold import PROGRAMS


class MongoCards:
    """The build of the views that is read is looked up by `as_of`, in the background, so
    that a read is one command."""

    def __init__(self, database: Database, views: Views) -> None:
        self._database = database
        self._views = views
        self._current = CurrentViews(database, GROUP, ttl_s=math.inf)

    async def ensure_indexes(self, generation: Generation | None = None) -> None:
        """Those of a generation, of the current one by default."""
        generation = generation or await self._views.generation(GROUP)
        cards = self._database[generation.collection(CARDS)]
        await ensure(cards, [IndexModel([("district", 1), ("coaches", 1), ("school_year", 1)])])
        orgs = self._database[generation.collection(ORGS)]
        await ensure(orgs, [IndexModel([("district", 1), ("_id", 1)])])
        programs = self._database[generation.collection(PROGRAMS)]
        await ensure(programs, [IndexModel([("district", 1), ("_id", 1)])])

    async def caseload(self, district: str, coach: str, *school_years: int) -> Sequence[Row]:
        where = _whose(district, coach, *school_years)
        with reading_rows():
            cards = await self._current.collection(CARDS)
            return await cards.find(where, batch_size=10_000).to_list(None)

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, CardMark]
    ) -> Sequence[Listed]:
        where = _whose(district, coach, school_year)
        with reading_rows():
            generation = await self._current.generation()
            ours = [f"{id_} {m.rev}" for id_, m in known.items() if m.build == generation.number]
            cards = self._database[generation.collection(CARDS)]
            found = await cards.find(where, _but(ours), batch_size=10_000).to_list(None)
        return [Listed(row["_id"], mark_of(row, generation), row.get("card")) for row in found]

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        with reading_rows():
            cards = await self._current.collection(CARDS)
            found = cards.find({"_id": {"$in": list(ids)}}, batch_size=max(2, len(ids) + 1))
            return {row["_id"]: row for row in await found.to_list(None)}

    async def calendars(self) -> Sequence[Row]:
        with reading_rows():
            calendars = await self._current.collection(CALENDARS)
            return await calendars.find({}, batch_size=10_000).to_list(None)

    async def orgs(self, district: str, most: int) -> Sequence[Row]:
        with reading_rows():
            orgs = await self._current.collection(ORGS)
            found = orgs.find({"district": district}, batch_size=most + 1)
            return await found.sort("_id", 1).limit(most).to_list(None)

    async def programs(self, district: str, most: int) -> Sequence[Row]:
        with reading_rows():
            programs = await self._current.collection(PROGRAMS)
            found = programs.find({"district": district}, batch_size=most + 1)
            return await found.sort("_id", 1).limit(most).to_list(None)

    async def sessions(self, district: str, sessions: Collection[str]) -> Sequence[Row]:
        ids = [f"{district}:{each}" for each in sessions]
        with reading_rows():
            calendars = await self._current.collection(CALENDARS)
            found = calendars.find({"_id": {"$in": ids}}, batch_size=max(2, len(ids) + 1))
            return await found.to_list(None)

    async def as_of(self) -> datetime:
        with reading_rows():
            generation = await self._current.look()
            return await self._views.freshness(generation.group) or NEVER


def _whose(district: str, coach: str, *school_years: int) -> Mapping[str, Any]:
    years = {"$in": school_years} if len(school_years) > 1 else school_years[0]
    return {"district": district, "coaches": coach, "school_year": years}


def _but(known: Sequence[str]) -> Mapping[str, Any]:
    """A projection: a row's `rev`, and the row itself as `card` unless "id rev" is known. A
    `rev` that is no text, of one broken row, must not fail the query."""
    rev = {"$cond": [{"$eq": [{"$type": "$rev"}, "string"]}, "$rev", None]}
    seen = {"$in": [{"$concat": ["$_id", " ", rev]}, {"$literal": known}]}
    return {"rev": 1, "card": {"$cond": [seen, "$$REMOVE", "$$ROOT"]}}
