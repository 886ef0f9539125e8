"""`Documents` and `Outbox` on MongoDB: the collection `aggregates`.

`{_id, kind, schema, district, version, changed_at?, state, created?: {key, fingerprint, caller},
used?: {caller: [{key, fingerprint, version}]}, device_times?: [{key, version, since, until,
made_at}], outbox: [event], outbox_since?}`.
What was erased is `{_id, kind: tombstone, was, district, version, erased_at, because, outbox...}`.
`outbox_since` exists exactly while the outbox holds something: it is set with the event in
the same write (`$min` keeps the oldest) and worked out anew by each clear.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.chassis.district_turns import DistrictTurns
from services.chassis.indexes import ensure
from services.chassis.log.envelope import Entry, PendingEvent
from services.chassis.mongo import Database, DuplicateKeyError, IndexModel, UpdateOne, decoded, raw
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import (
    OUTBOX_EVENTS,
    PAGE_BYTES,
    READ_BYTES,
    READ_EVENTS,
    AlreadyExists,
    Document,
    KeyUse,
    OutboxFull,
    OutboxPlace,
    Page,
    Pending,
    Scalar,
    Waiting,
    Wanted,
)
from services.chassis.write.find_indexes import FIND, FindIndex, find_models
from services.chassis.write.mongo_asking import WAITING, behind, clearing, counting, matching
from services.chassis.write.mongo_faults import reading, writing
from services.chassis.write.parts import Parts, asked
from services.chassis.write.state_change import change_of
from services.chassis.write.stored_documents import (
    DATED,
    TOMBSTONE,
    document_of,
    tombstone_of,
    use_key,
)
from services.chassis.write.stored_events import from_stored, to_stored
from services.chassis.write.taken import TURN_AGGREGATES, TURN_BYTES, Taken

COLLECTION = "aggregates"
_BY_AGE = ("outbox_since", "_id")
_BY_DISTRICT = ("district", "outbox_since")
_ERASED = {"kind": TOMBSTONE}
_HEAD = ("kind", "schema", "district", "version", "changed_at")
_OUTBOX_INDEXES = {"waiting_by_age": _BY_AGE, "waiting_by_district": _BY_DISTRICT}
_SHOWN: dict[str, Any] = {"district": 1, "outbox_since": 1, "outbox": {"$slice": READ_EVENTS}}
_LAST_PLACE = f"outbox.{OUTBOX_EVENTS - 1}"


class MongoDocuments:
    def __init__(self, database: Database, indexes: Sequence[FindIndex] = ()) -> None:
        """`indexes`: for each `find` and `count` of a service, the kind, the state's fields and
        the date by which they are in order, unless it is the id."""
        self._documents = database[COLLECTION]
        self._indexes = indexes
        self._turns: DistrictTurns[Pending] = DistrictTurns()

    async def ensure_indexes(self) -> None:
        """Make the indexes that are missing; repeating it changes nothing."""
        models = [
            IndexModel([(name, 1) for name in order], name=name, partialFilterExpression=WAITING)
            for name, order in _OUTBOX_INDEXES.items()
        ]
        by_cause = [("district", 1), ("because", 1), ("was", 1)]
        models.append(IndexModel(by_cause, name="erased", partialFilterExpression=_ERASED))
        models += find_models(self._indexes)
        with writing():
            await ensure(self._documents, models, FIND)

    async def insert(self, document: Document, event: PendingEvent) -> None:
        stored: dict[str, Any] = {
            "_id": document.id,
            "kind": document.kind,
            "schema": document.schema,
            "district": document.district,
            "version": document.version,
            "changed_at": event.occurred_at,
            "state": document.state,
            "outbox": [to_stored(event)],
            "outbox_since": event.occurred_at,
        }
        if document.keys:
            use = document.keys[0]
            said = {"key": use.key, "fingerprint": use.fingerprint, "caller": use.caller}
            stored["created"] = said
            if use.timed is not None:
                stored[DATED] = [use.timed._asdict()]
        with writing():
            try:
                await self._documents.insert_one(stored)
            except DuplicateKeyError:
                raise AlreadyExists(document.id) from None

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        with reading():
            found = await self._documents.find_one(
                {"_id": id, "district": district, "kind": kind}, {"outbox": 0}
            )
        return document_of(found) if found else None

    async def replace(
        self,
        before: Document,
        state: Mapping[str, Any],
        event: PendingEvent,
        key: KeyUse | None,
        schema: int = 1,
    ) -> bool:
        seen = _seen(before)
        update = _update(before, state, schema)
        update["$set"] |= {"version": before.version + 1, "changed_at": event.occurred_at}
        update["$min"] = {"outbox_since": event.occurred_at}
        update["$push"]["outbox"] = to_stored(event)
        if key is not None:
            use_key(update, before, key)
        with writing():
            written = await self._documents.update_one(
                {**seen, _LAST_PLACE: {"$exists": False}}, _said(update)
            )
        if written.matched_count:
            return True
        with reading():
            full = await self._documents.find_one(
                {**seen, _LAST_PLACE: {"$exists": True}}, {"_id": 1}
            )
        if full:
            raise OutboxFull(before.id)
        return False

    async def remember(self, before: Document, key: KeyUse) -> bool:
        update: dict[str, dict[str, Any]] = {"$push": {}, "$unset": {}}
        use_key(update, before, key)
        with writing():
            written = await self._documents.update_one(_seen(before), _said(update))
        return written.matched_count > 0

    async def erase(self, before: Document, event: PendingEvent) -> bool:
        with writing():
            written = await self._documents.replace_one(_seen(before), tombstone_of(before, event))
        return written.matched_count > 0

    async def is_erased(self, district: str, kind: str, id: str) -> bool:
        asked = {"_id": id, "district": district, "was": kind, **_ERASED}
        with reading():
            return await self._documents.find_one(asked, {"_id": 1}) is not None

    async def erased(self, district: str, because: str, journaled: bool = False) -> Sequence[str]:
        of = [{"because": because}, {"because": {"$gt": f"{because}:", "$lt": f"{because};"}}]
        asked: dict[str, Any] = {**_ERASED, "district": district, "$or": of}
        if journaled:
            asked["outbox_since"] = {"$exists": False}
        with reading():
            found = await self._documents.find(asked, {"_id": 1}).to_list(None)
        return sorted(each["_id"] for each in found)

    async def find(
        self,
        district: str,
        kind: str,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        parts: Parts | None = None,
        schema: int = 1,
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Page:
        rest = {"_id": {"$gt": after}} if by is None else by.behind(after)
        mine = {**matching(district, kind, where, unless, either), **rest}
        shown: dict[str, Any] = dict.fromkeys(_HEAD, 1)
        shown["state"] = 1 if parts is None else asked(parts, schema)
        if by is not None:
            shown["date"] = f"$state.{by.field}"
        order = [("_id", 1)] if by is None else by.sort()
        cursor = raw(self._documents).find(mine, shown).sort(order).limit(limit + 1)
        page: list[Document] = []
        size, last = 0, ""
        with reading():
            try:
                async for each in cursor.batch_size(limit + 1):
                    size += len(each.raw)
                    if page and (len(page) == limit or size > PAGE_BYTES):
                        return Page(page, last)
                    stored = decoded(each.raw)
                    page.append(document_of(stored))
                    last = by.place_of(stored["date"], stored["_id"]) if by else stored["_id"]
            finally:
                await cursor.close()
        return Page(page)

    async def leaving(self, district: str, kind: str, id: str) -> Sequence[Entry]:
        shown = {"outbox.version": 1, "outbox.entries": 1}
        with reading():
            found = await self._documents.find_one(
                {"_id": id, "district": district, "kind": kind}, shown
            )
        return [
            Entry(**each, version=event["version"])
            for event in (found or {}).get("outbox", ())
            for each in event.get("entries", ())
        ]

    async def counts(self, district: str, kind: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        pipeline = counting(COLLECTION, district, kind, wanted)
        with reading():
            found = await self._documents.aggregate(pipeline).to_list(None)
        counts = {each["_id"]: each["count"] for each in found}
        return [counts.get(place, 0) for place in range(len(wanted))]

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        first = await self._read(behind(after), _BY_AGE, limit, READ_BYTES)
        if not first.more:
            return Waiting(first.waiting)
        others = await self._turns.others(first.waiting, self._of_others)
        return Waiting(first.waiting, others, first.last)

    async def _of_others(self, after: str, present: Collection[str]) -> Taken:
        asked = {**WAITING, "district": {"$gt": after, "$nin": sorted(present)}}
        return await self._read(asked, _BY_DISTRICT, TURN_AGGREGATES, TURN_BYTES)

    async def _read(
        self, asked: Mapping[str, Any], order: Sequence[str], limit: int, size: int
    ) -> Taken:
        cursor = (
            self._documents.find(asked, _SHOWN)
            .sort([(name, 1) for name in order])
            .limit(limit + 1)
            .batch_size(limit + 1)
        )
        taken = Taken(limit, size)
        with reading():
            try:
                async for each in cursor:
                    events = tuple(from_stored(event) for event in each["outbox"])
                    pending = Pending(each["_id"], each["district"], events)
                    if not taken.add(pending, each["outbox_since"]):
                        break
            finally:
                await cursor.close()
        return taken

    async def clear(self, published: Mapping[str, Sequence[int]]) -> None:
        if not published:
            return
        updates = [
            UpdateOne({"_id": aggregate_id}, clearing(list(versions)))
            for aggregate_id, versions in published.items()
        ]
        with writing():
            await self._documents.bulk_write(updates, ordered=False)

    async def backlog(self) -> tuple[int, datetime | None]:
        with reading():
            waiting = await self._documents.count_documents(WAITING)
            oldest = await self._documents.find_one(
                WAITING, {"outbox_since": 1}, sort=[("outbox_since", 1)]
            )
        return waiting, oldest["outbox_since"] if oldest else None


def _update(before: Document, state: Mapping[str, Any], schema: int) -> dict[str, dict[str, Any]]:
    """What becomes of state and schema; `$set`, `$push` and `$unset` are there."""
    empty: dict[str, dict[str, Any]] = {"$set": {}, "$push": {}, "$unset": {}}
    if before.schema != schema:
        return {**empty, "$set": {"state": state, "schema": schema}}
    return {**empty, **change_of(before.state, state)}


def _said(update: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Without the operators that say nothing, which MongoDB refuses."""
    return {operator: fields for operator, fields in update.items() if fields}


def _seen(before: Document) -> dict[str, Any]:
    """The aggregate as long as its version has not moved."""
    return {
        "_id": before.id,
        "district": before.district,
        "kind": before.kind,
        "version": before.version,
    }
