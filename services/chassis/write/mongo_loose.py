"""`LooseEvents` on MongoDB: `{_id, district, by, at, event}`, one of each event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.kernel import Clock, SystemClock
from services.chassis.mongo import BulkWriteError, Database, IndexModel
from services.chassis.write.documents import OutboxPlace, Pending, Waiting
from services.chassis.write.loose import LEFT_BEHIND, LooseEvent
from services.chassis.write.mongo_faults import only_duplicates, reading, writing
from services.chassis.write.stored_events import from_stored, to_stored


class MongoLooseEvents:
    """Those of one collection. `clock` tells what was left behind."""

    def __init__(
        self, database: Database, collection: str, clock: Clock | None = None, by: str = ""
    ) -> None:
        self._events = database[collection]
        self._clock = clock or SystemClock()
        self._by = by or uuid.uuid4().hex

    async def ensure_indexes(self) -> None:
        """Make the index if it is missing; repeating it changes nothing."""
        by_age = IndexModel([("at", 1), ("_id", 1), ("by", 1)], name="by_age")
        with writing():
            await ensure(self._events, [by_age])

    async def insert(self, events: Sequence[LooseEvent]) -> None:
        if not events:
            return
        stored = [
            {
                "_id": each.id,
                "district": each.district,
                "by": self._by,
                "at": each.event.occurred_at,
                "event": to_stored(each.event),
            }
            for each in events
        ]
        with writing():
            try:
                await self._events.insert_many(stored, ordered=False)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        ours = {"$or": [{"by": self._by}, {"at": {"$lt": self._clock.now() - LEFT_BEHIND}}]}
        asked: dict[str, Any] = {"$and": [ours, _behind(after)]} if after else ours
        order = [("at", 1), ("_id", 1)]
        with reading():
            found = await self._events.find(asked).sort(order).limit(limit + 1).to_list(None)
        pending = [
            Pending(each["_id"], each["district"], (from_stored(each["event"]),))
            for each in found[:limit]
        ]
        more = len(found) > limit
        last = found[limit - 1] if more else None
        return Waiting(pending, last=(last["at"], last["_id"]) if last else None)

    async def clear(self, published: Mapping[str, Sequence[int]]) -> None:
        if not published:
            return
        with writing():
            await self._events.delete_many({"_id": {"$in": list(published)}})

    async def backlog(self) -> tuple[int, datetime | None]:
        with reading():
            waiting = await self._events.estimated_document_count()
            oldest = await self._events.find_one({}, {"at": 1}, sort=[("at", 1)])
        return waiting, oldest["at"] if oldest else None


def _behind(after: OutboxPlace) -> Mapping[str, Any]:
    since, last = after
    # The bound is what the index is entered by: of the two branches it might read all before.
    return {"at": {"$gte": since}, "$or": [{"at": {"$gt": since}}, {"_id": {"$gt": last}}]}
