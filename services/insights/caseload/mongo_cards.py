"""Cards and calendars, from the view in MongoDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import Collection, Database, IndexModel
from services.chassis.views.freshness import NEVER
from services.chassis.views.projection import Row
from services.chassis.views.reading import reading_rows
from services.chassis.views.rows import Generation, StoreDown, Views
from services.insights.calendar.fold import CALENDARS
from services.insights.caseload.cards import mark_of
from services.insights.caseload.fold import CARDS, GROUP
from services.insights.caseload.stores import CardMark, Listed


class MongoCards:
    """The build of the views that is read is looked up by `as_of`, in the background, so
    that a read is one command."""

    def __init__(self, database: Database, views: Views) -> None:
        self._database = database
        self._views = views
        self._generation: Generation | None = None

    async def ensure_indexes(self, generation: Generation | None = None) -> None:
        """Those of a generation, of the current one by default."""
        generation = generation or await self._views.generation(GROUP)
        cards = self._database[generation.collection(CARDS)]
        await ensure(cards, [IndexModel([("district", 1), ("coaches", 1), ("school_year", 1)])])

    async def caseload(self, district: str, coach: str, *school_years: int) -> Sequence[Row]:
        cards = await self._collection(CARDS)
        where = _whose(district, coach, *school_years)
        with reading_rows():
            return await cards.find(where, batch_size=10_000).to_list(None)

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, CardMark]
    ) -> Sequence[Listed]:
        generation = await self._current()
        cards = self._database[generation.collection(CARDS)]
        where = _whose(district, coach, school_year)
        ours = [f"{id_} {m.rev}" for id_, m in known.items() if m.build == generation.number]
        with reading_rows():
            found = await cards.find(where, _but(ours), batch_size=10_000).to_list(None)
        return [Listed(row["_id"], mark_of(row, generation), row.get("card")) for row in found]

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        cards = await self._collection(CARDS)
        with reading_rows():
            found = cards.find({"_id": {"$in": list(ids)}}, batch_size=max(2, len(ids) + 1))
            return {row["_id"]: row for row in await found.to_list(None)}

    async def calendars(self) -> Sequence[Row]:
        calendars = await self._collection(CALENDARS)
        with reading_rows():
            return await calendars.find({}, batch_size=10_000).to_list(None)

    async def as_of(self) -> datetime:
        with _store():
            self._generation = await self._views.generation(GROUP)
            return await self._views.freshness(self._generation.group) or NEVER

    async def _collection(self, base: str) -> Collection:
        return self._database[(await self._current()).collection(base)]

    async def _current(self) -> Generation:
        if self._generation is None:
            with _store():
                self._generation = await self._views.generation(GROUP)
        return self._generation


def _whose(district: str, coach: str, *school_years: int) -> Mapping[str, Any]:
    years = {"$in": school_years} if len(school_years) > 1 else school_years[0]
    return {"district": district, "coaches": coach, "school_year": years}


def _but(known: Sequence[str]) -> Mapping[str, Any]:
    """A projection: a row's `rev`, and the row itself as `card` unless "id rev" is known. A
    `rev` that is no text, of one broken row, must not fail the query."""
    rev = {"$cond": [{"$eq": [{"$type": "$rev"}, "string"]}, "$rev", None]}
    seen = {"$in": [{"$concat": ["$_id", " ", rev]}, {"$literal": known}]}
    return {"rev": 1, "card": {"$cond": [seen, "$$REMOVE", "$$ROOT"]}}


@contextmanager
def _store() -> Iterator[None]:
    try:
        yield
    except StoreDown as error:
        raise Fault(Kind.UNAVAILABLE, "store_unavailable", "Try again.") from error
