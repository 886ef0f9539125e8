"""Parked messages in MongoDB, beside the rows of the same projector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import Database, IndexModel
from services.chassis.views.generations import Generations
from services.chassis.views.parked import (
    DISCARDED,
    OPEN,
    REDRIVE,
    UNSETTLED,
    Name,
    Parked,
    from_document,
    name_of,
)

PARKED = "view_parked"


class MongoParked:
    """Implements `parked.ParkedMessages`. Raises the driver's errors, and StoreDown."""

    def __init__(self, database: Database) -> None:
        self._parked = database[PARKED]
        self._generations = Generations(database)

    async def ensure_indexes(self) -> None:
        await ensure(self._parked, [IndexModel([("group", 1), ("state", 1), ("number", 1)])])

    async def drop(self, group: str) -> None:
        """All that were parked for a build."""
        await self._parked.delete_many({"group": group})

    async def open(self, group: str, numbers: Iterable[int], most: int) -> Sequence[Parked]:
        """As `Views.open_parked`."""
        newest: list[dict[str, Any]] = [
            {"$match": _unsettled(group, numbers)},
            {"$unset": ["value", "headers"]},  # before they are put in order: they may be large
            {"$sort": {"parked_at": -1, "_id": -1}},
            {"$limit": most},
        ]
        return [
            from_document({**document, "value": None, "headers": ()})
            for document in await self._parked.aggregate(newest).to_list(None)
        ]

    async def count(self, group: str, numbers: Iterable[int]) -> Mapping[str, int]:
        """As `Views.count_parked`."""
        by_district = [
            {"$match": _unsettled(group, numbers)},
            {"$group": {"_id": "$district", "count": {"$sum": 1}}},
        ]
        found = await self._parked.aggregate(by_district).to_list(None)
        return {each["_id"]: each["count"] for each in found}

    async def to_redrive(
        self, group: str, numbers: Iterable[int], due: Sequence[str], most: int
    ) -> Sequence[Parked]:
        """As `Views.to_redrive`."""
        wanted = [{"state": REDRIVE}, {"state": OPEN, "_id": {"$in": list(due)}}]
        where = {"group": group, "number": {"$in": sorted(numbers)}, "$or": wanted}
        found = await self._parked.find(where).sort("_id", 1).limit(most).to_list(None)
        return [from_document(document) for document in found]

    async def list(
        self, name: str, states: Sequence[str] = (OPEN, REDRIVE), limit: int = 1_000
    ) -> Sequence[Parked]:
        group = (await self._generations.current(name)).group
        where = {"group": group, "state": {"$in": [*states]}}
        found = await self._parked.find(where).sort("_id", 1).limit(limit).to_list(None)
        return [from_document(document) for document in found]

    async def given_up(self, name: str) -> Mapping[Name, str]:
        group = (await self._generations.current(name)).group
        found: dict[Name, str] = {}
        where = {"group": group, "state": DISCARDED}
        async for each in self._parked.find(where, {"value": 0}):
            known = name_of(from_document({**each, "value": None}).record)
            if known is not None:
                found[known] = each["by"]
        return found

    async def redrive(self, id: str) -> bool:
        return await self._move(id, {"$set": {"state": REDRIVE}})

    async def discard(self, id: str, by: str, now: datetime) -> bool:
        return await self._move(id, emptying({"state": DISCARDED, "by": by, "discarded_at": now}))

    async def _move(self, id: str, update: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> bool:
        where = {"_id": id, "state": {"$in": [OPEN, REDRIVE]}}
        result = await self._parked.update_one(where, update)
        return bool(result.matched_count)


def emptying(sets: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """An update that sets this, and leaves of the record what `parked.emptied` does."""
    is_id = {"$eq": [{"$arrayElemAt": ["$$this", 0]}, "ce_id"]}
    headers = {"$filter": {"input": "$headers", "cond": is_id}}
    said = {name: {"$literal": value} for name, value in sets.items()}
    return [{"$set": {**said, "value": None, "headers": headers}}]


def _unsettled(group: str, numbers: Iterable[int]) -> dict[str, Any]:
    return {"group": group, "state": {"$in": UNSETTLED}, "number": {"$in": sorted(numbers)}}
