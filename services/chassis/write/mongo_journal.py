"""`Journal` on MongoDB: the collection `journal`, one document per published event.

What was erased has left its places: `{_id, aggregate_id, district, erased}` in `journal`, and in
`entries` documents that have `erased` and an empty state.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chassis.crash_points import crash_point
from services.chassis.indexes import ensure
from services.chassis.log.envelope import Entry
from services.chassis.mongo import BulkWriteError, Database, IndexModel, ReplaceOne, UpdateOne
from services.chassis.write.documents import READ_BYTES, JournalEntry, journal_place
from services.chassis.write.mongo_faults import only_duplicates, reading, writing
from services.chassis.write.stored_events import from_stored, to_stored

COLLECTION = "journal"
LEFT = "entries"
SEALED = 1_000  # versions at once
_KEPT = {"erased": {"$exists": False}}


class MongoJournal:
    def __init__(self, database: Database) -> None:
        self._entries = database[COLLECTION]
        self._left = database[LEFT]

    async def ensure_indexes(self) -> None:
        """Make the index if it is missing; repeating it changes nothing."""
        model = IndexModel([("district", 1), ("_id", 1)], name="by_district")
        with writing():
            await ensure(self._entries, [model])

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        if not entries:
            return
        leaving = [_left(event, each) for event in entries for each in event.event.entries]
        with writing():
            if leaving:
                await self._keep(leaving)
            try:
                await self._entries.insert_many([_stored(each) for each in entries], ordered=False)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise
            for entry in entries:
                if entry.event.erases:
                    crash_point("E1")
                    await self._seal(entry)

    async def _seal(self, entry: JournalEntry) -> None:
        """Leave nothing but its place of whatever is older: a relay that has read it before it was
        erased finds the place taken."""
        of, version = entry.aggregate_id, entry.event.version
        empty = {"aggregate_id": of, "district": entry.district, "erased": True}
        for first in range(1, version, SEALED):
            places = [journal_place(of, n) for n in range(first, min(first + SEALED, version))]
            sealing = [ReplaceOne({"_id": place}, empty, upsert=True) for place in places]
            await self._entries.bulk_write(sealing, ordered=False)
        gone = {"_id": {"$gt": f"{of}:", "$lt": f"{of};"}, "of": of, "district": entry.district}
        emptied = {"state": {}, "version": version, "erased": True}
        await self._left.update_many(gone, {"$set": emptied})

    async def _keep(self, leaving: Sequence[UpdateOne]) -> None:
        try:
            await self._left.bulk_write(leaving, ordered=False)
        except BulkWriteError as error:
            if not only_duplicates(error):  # of a number that a newer version has kept
                raise

    async def left(
        self, district: str, aggregate: str, kind: str, below: int, limit: int
    ) -> Sequence[Entry]:
        ids = {"$gte": entry_id(aggregate, kind, 0), "$lt": entry_id(aggregate, kind, below)}
        shown = {"_id": 0, "kind": 1, "number": 1, "schema": 1, "state": 1, "version": 1}
        with reading():
            found = self._left.find({"_id": ids, "district": district, **_KEPT}, shown)
            return [
                Entry(**each) for each in await found.sort("_id", -1).limit(limit).to_list(None)
            ]

    async def read(
        self, district: str, until: datetime | None, after: str, limit: int, aggregate: str = ""
    ) -> Sequence[JournalEntry]:
        asked = _asked(district, until, after)
        if aggregate:
            # ids are `aggregate:version`, and `;` is the character after `:`
            asked["_id"] = {"$gt": max(after, f"{aggregate}:"), "$lt": f"{aggregate};"}
            asked["aggregate_id"] = aggregate
        with reading():
            return await _taken(self._entries.find(asked).sort("_id", 1).limit(limit))

    async def newest(
        self,
        district: str,
        until: datetime | None,
        after: str,
        among: int,
        replacing: Sequence[Collection[str]],
    ) -> Sequence[JournalEntry]:
        """MongoDB drops what is replaced, so that it is never sent to the service."""
        pipeline: list[dict[str, Any]] = [
            {"$match": _asked(district, until, after)},
            {"$sort": {"_id": 1}},
            {"$limit": among},
            {"$group": {"_id": _replaced_by(replacing), "newest": {"$last": "$$ROOT"}}},
            {"$replaceRoot": {"newRoot": "$newest"}},
            {"$sort": {"_id": 1}},
        ]
        with reading():
            return await _taken(self._entries.aggregate(pipeline, batchSize=among))


async def _taken(cursor: Any) -> Sequence[JournalEntry]:
    """All of it, or as much as one read takes."""
    found, size = list[JournalEntry](), 0
    try:
        async for each in cursor:
            found.append(_entry(each))
            size += len(each["data"])
            if size >= READ_BYTES:
                break
    finally:
        await cursor.close()
    return found


def _asked(district: str, until: datetime | None, after: str) -> dict[str, Any]:
    asked: dict[str, Any] = {"_id": {"$gt": after}, **_KEPT}
    if district:
        asked["district"] = district
    if until is not None:
        asked["at"] = {"$lt": until}
    return asked


def _replaced_by(replacing: Sequence[Collection[str]]) -> dict[str, Any]:
    """What an entry has in common with those that replace it: see `Journal.newest`. The
    types come from a caller and are literals, or `$x` would be a field's value."""
    groups = [
        {"case": {"$in": ["$type", {"$literal": list(types)}]}, "then": number}
        for number, types in enumerate(replacing)
    ]
    group = {"$switch": {"branches": groups, "default": "$_id"}}
    return {
        "aggregate": "$aggregate_id",
        "keys": "$keys",
        "year": "$year",
        "group": {"$cond": [{"$gt": ["$year", 0]}, group, "$_id"]},
    }


def entry_id(aggregate: str, kind: str, number: int) -> str:
    """`aggregate:kind:number`, the number padded so that ids sort as numbers do."""
    return f"{aggregate}:{kind}:{number:012d}"


def _left(event: JournalEntry, entry: Entry) -> UpdateOne:
    """Keeps it unless a newer one of its number is kept: then its id is taken."""
    version = event.event.version
    older = {
        "_id": entry_id(event.aggregate_id, entry.kind, entry.number),
        "version": {"$lt": version},
    }
    kept = {
        "of": event.aggregate_id,
        "district": event.district,
        "kind": entry.kind,
        "number": entry.number,
        "version": version,
        "schema": entry.schema,
        "state": entry.state,
    }
    return UpdateOne(older, {"$set": kept}, upsert=True)


def _stored(entry: JournalEntry) -> dict[str, Any]:
    return {
        "_id": entry.id,
        "aggregate_id": entry.aggregate_id,
        "district": entry.district,
        **{name: value for name, value in to_stored(entry.event).items() if name != LEFT},
    }


def _entry(stored: Mapping[str, Any]) -> JournalEntry:
    return JournalEntry(stored["aggregate_id"], stored["district"], from_stored(stored))
