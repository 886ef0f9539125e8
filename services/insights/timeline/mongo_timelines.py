"""Timelines, from the view in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import Database, IndexModel
from services.chassis.views.freshness import NEVER
from services.chassis.views.generations import CurrentViews
from services.chassis.views.projection import Row
from services.chassis.views.reading import reading_rows
from services.chassis.views.rows import Generation, Views
from services.chassis.write.loading import Found
from services.insights.timeline.domain import ItemKind
from services.insights.timeline.fold import GROUP, MEMBERS, TIMELINE
from services.insights.timeline.stores import Reading, instant_and_id, place_of

_NEWEST_FIRST = [("at", -1), ("_id", -1)]


class MongoTimelines:
    """The build of the view that is read is looked up once a second: 1 database command more."""

    def __init__(self, database: Database, views: Views) -> None:
        self._database = database
        self._views = views
        self._current = CurrentViews(database, GROUP)

    async def ensure_indexes(self, generation: Generation | None = None) -> None:
        """Those of a generation, of the current one by default."""
        generation = generation or await self._views.generation(GROUP)
        rows = self._database[generation.collection(TIMELINE)]
        of_one = [("district", 1), ("teacher", 1), ("listed", 1)]
        await ensure(rows, [IndexModel([*of_one, *_NEWEST_FIRST])])
        members = self._database[generation.collection(MEMBERS)]
        await ensure(members, [IndexModel([("district", 1), ("program", 1), ("_id", 1)])])

    async def page(self, district: str, reading: Reading, after: str, limit: int) -> Found[Row]:
        where = _where(district, reading, after)
        with reading_rows():
            rows = await self._current.collection(TIMELINE)
            cursor = rows.find(where, batch_size=limit + 2).sort(_NEWEST_FIRST)
            found = await cursor.limit(limit + 1).to_list(None)
        return Found(found[:limit], place_of(found[limit - 1]) if len(found) > limit else "")

    async def members(self, district: str, program: str, most: int) -> Sequence[Row]:
        with reading_rows():
            members = await self._current.collection(MEMBERS)
            where = {"district": district, "program": program}
            found = members.find(where, batch_size=most + 1)
            return await found.sort("_id", 1).limit(most).to_list(None)

    async def items(
        self, district: str, teachers: Sequence[str], kinds: Collection[ItemKind]
    ) -> Sequence[Row]:
        of_them, of_these = {"$in": list(teachers)}, {"$in": sorted(each.value for each in kinds)}
        where = {"district": district, "teacher": of_them, "listed": True, "kind": of_these}
        with reading_rows():
            rows = await self._current.collection(TIMELINE)
            return await rows.find(where, batch_size=10_000).to_list(None)

    async def as_of(self) -> datetime:
        with reading_rows():
            generation = await self._current.generation()
            return await self._views.freshness(generation.group) or NEVER


def _where(district: str, reading: Reading, after: str) -> dict[str, Any]:
    where: dict[str, Any] = {"district": district, "teacher": reading.teacher, "listed": True}
    both: list[dict[str, Any]] = []
    if not reading.own:
        where["kind"] = {"$in": sorted(each.value for each in reading.kinds)}
        both.append({"$or": [{"open": True}, {"of": reading.reader}]})
    if after:
        at, row_id = instant_and_id(after)
        where["at"] = {"$lte": at}  # the index begins there; no bounds come from an `$or`
        both.append({"$or": [{"at": {"$lt": at}}, {"_id": {"$lt": row_id}}]})
    return {**where, "$and": both} if both else where
