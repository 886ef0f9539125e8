"""`Looks` on MongoDB: the collections `looks` (`_id` is the look's id), `look_starts` (of a list
the last look that has gone from its front), `look_positions`, `refused_purposes` (`_id` is the
event's), and those of `mongo_reads`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import takewhile
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.log.source import Positions
from services.chassis.mongo import (
    BulkWriteError,
    Database,
    DuplicateKeyError,
    IndexModel,
    UpdateOne,
)
from services.chassis.views.erased import erased_districts
from services.chassis.write.ids import derived_id
from services.chassis.write.loading import Found
from services.chassis.write.mongo_faults import only_duplicates, reading, writing
from services.privacy.look.domain import End, Look, ToldLook
from services.privacy.look.looks import (
    MOST_COUNTED,
    Filter,
    NumberTaken,
    Old,
    Refusal,
    Whose,
    below,
)
from services.privacy.look.mongo_reads import MongoReads

POSITIONS, REFUSED = "look_positions", "refused_purposes"
STARTS = "look_starts"


class MongoLooks(MongoReads):
    def __init__(self, database: Database) -> None:
        self._database = database
        super().__init__(database)
        self._positions = database[POSITIONS]
        self._refused = database[REFUSED]
        self._starts = database[STARTS]

    async def ensure_indexes(self) -> None:
        """Make those that are missing; repeating it changes nothing."""
        hers = [("district", 1), ("person", 1)]
        models = [
            IndexModel([*hers, ("number", -1)], name="by_number", unique=True),
            IndexModel([("event", 1), *hers], name="by_event", unique=True),
            IndexModel([*hers, ("kind", 1), ("number", -1)], name="by_kind"),
            IndexModel([*hers, ("viewer", 1), ("number", -1)], name="by_viewer"),
            IndexModel([*hers, ("partner", 1), ("number", -1)], name="by_partner"),
            IndexModel([("district", 1), ("last_at", 1), ("person", 1)], name="by_time"),
        ]
        counted = [("district", 1), ("purpose", 1), ("school_year", 1), ("times", 1)]
        with writing():
            await ensure(self._looks, models)
            await ensure(self._refused, [IndexModel(counted, name="by_year")])
            await self._ensure_indexes()
            asked = [("district", 1), ("cause", 1)]
            await ensure(self._starts, [IndexModel(asked, name="by_cause")])

    async def ends(self, whose: Collection[Whose]) -> Mapping[Whose, End]:
        found: dict[Whose, End] = {}
        for each in whose:
            with reading():
                last = await self._looks.find_one(
                    _of(each), {"number": 1, "hash": 1}, sort=[("number", -1)]
                )
                if last is None:  # where it has gone: that was kept before
                    last = await self._starts.find_one({"_id": _start_id(each)})
            if last is not None:
                found[each] = End(last["number"], last["hash"])
        return found

    async def erased_districts(self) -> Mapping[str, datetime]:
        with reading():
            return await erased_districts(self._database)

    async def begins_after(self, whose: Whose) -> End:
        with reading():
            found = await self._starts.find_one({"_id": _start_id(whose)})
        return End(found["number"], found["hash"]) if found else End()

    async def expire(self, whose: Whose, until: datetime, cause: str, most: int) -> int:
        """What is said of the front is kept before anything goes, so that what is left always fits;
        of two who erase at once one has it."""
        shown = {"number": 1, "hash": 1, "last_at": 1}
        with reading():
            start = await self._starts.find_one({"_id": _start_id(whose)})
            before = start["number"] if start else 0
            asked = {**_of(whose), "number": {"$gt": before}}
            first = await self._looks.find(asked, shown).sort("number", 1).limit(most).to_list(None)
        gone = list(takewhile(lambda each: each["last_at"] < until, first))
        if gone:
            begun = start["before"] if start and start["cause"] == cause else before
            last = {"number": gone[-1]["number"], "hash": gone[-1]["hash"]}
            said = {**last, "cause": cause, "before": begun}
            if not await self._starts_after(whose, before, said):
                return 0
            before = last["number"]
        if before:
            with writing():
                await self._looks.delete_many({**_of(whose), "number": {"$lte": before}})
        return len(gone)

    async def _starts_after(self, whose: Whose, before: int, said: Mapping[str, Any]) -> bool:
        """Whether nobody else has said so in the meantime."""
        id_ = _start_id(whose)
        with writing():
            if before:
                asked = {"_id": id_, "number": before}
                return (await self._starts.update_one(asked, {"$set": said})).matched_count > 0
            try:
                await self._starts.insert_one({"_id": id_, **_of(whose), **said})
            except DuplicateKeyError:
                return False
        return True

    async def expired_by(self, district: str, cause: str) -> int:
        went = {"$sum": {"$subtract": ["$number", "$before"]}}
        pipeline: list[dict[str, Any]] = [
            {"$match": {"district": district, "cause": cause}},
            {"$group": {"_id": None, "went": went}},
        ]
        with reading():
            found = await self._starts.aggregate(pipeline).to_list(None)
        return int(found[0]["went"]) if found else 0

    async def people_of(self, district: str, old: Old, most: int) -> Sequence[str]:
        shown = {"_id": 0, "person": 1}
        with reading():
            cursor = self._looks.find(_old(district, old), shown).sort("last_at", 1).limit(most)
            found = await cursor.to_list(None)
        return list(dict.fromkeys(each["person"] for each in found))

    async def how_many(self, district: str, old: Old) -> int:
        with reading():
            return int(await self._looks.count_documents(_old(district, old), limit=MOST_COUNTED))

    async def known(self, events: Collection[str]) -> Collection[tuple[Whose, str]]:
        shown = {"district": 1, "person": 1, "event": 1}
        with reading():
            found = await self._looks.find({"event": {"$in": sorted(events)}}, shown).to_list(None)
        return {((each["district"], each["person"]), each["event"]) for each in found}

    async def append(self, looks: Sequence[Look]) -> None:
        with writing():
            try:
                await self._looks.insert_many([_stored(each) for each in looks], ordered=True)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise
                raise NumberTaken from error

    async def get(self, district: str, id: str) -> Look | None:
        with reading():
            found = await self._looks.find_one({"_id": id, "district": district})
        return _look(found) if found else None

    async def page(self, whose: Whose, of: Filter, after: str, limit: int) -> Found[Look]:
        asked: dict[str, Any] = _of(whose)
        number = below(after)
        if number is not None:
            asked["number"] = {"$lt": number}
        if of.kind:
            asked["kind"] = of.kind
        if of.viewer:
            asked["$or"] = [{"viewer": of.viewer}, {"partner": of.viewer}]
        if of.since is not None or of.until is not None:
            bounds = {"$gte": of.since, "$lt": of.until}
            asked["last_at"] = {name: at for name, at in bounds.items() if at is not None}
        with reading():
            cursor = self._looks.find(asked).sort("number", -1).limit(limit + 1)
            found = await cursor.to_list(None)
        items = [_look(each) for each in found[:limit]]
        return Found(items, str(items[-1].number) if len(found) > limit else "")

    async def count(self, refused: Sequence[Refusal]) -> None:
        updates = [
            UpdateOne({"_id": each.event}, {"$setOnInsert": each._asdict()}, upsert=True)
            for each in refused
        ]
        if updates:
            with writing():
                await self._refused.bulk_write(updates, ordered=False)

    async def counts(self, district: str) -> Mapping[str, Mapping[int, int]]:
        by = {"purpose": "$purpose", "school_year": "$school_year"}
        pipeline: list[dict[str, Any]] = [
            {"$match": {"district": district}},
            {"$group": {"_id": by, "times": {"$sum": "$times"}}},
        ]
        counts: dict[str, dict[int, int]] = {}
        with reading():
            for each in await self._refused.aggregate(pipeline).to_list(None):
                found = counts.setdefault(each["_id"]["purpose"], {})
                found[each["_id"]["school_year"]] = each["times"]
        return counts

    async def positions(self, numbers: Collection[int]) -> Positions:
        with reading():
            found = await self._positions.find({"number": {"$in": sorted(numbers)}}).to_list(None)
        known: dict[int, dict[str, int]] = {}
        for each in found:
            known.setdefault(each["number"], {})[each["topic"]] = each["next"]
        return known

    async def collected(self, positions: Positions) -> None:
        updates = [
            UpdateOne(
                {"_id": f"{topic}:{number}"},
                {"$set": {"topic": topic, "number": number, "next": next_}},
                upsert=True,
            )
            for number, topics in positions.items()
            for topic, next_ in topics.items()
        ]
        if updates:
            with writing():
                await self._positions.bulk_write(updates, ordered=False)


def _of(whose: Whose) -> dict[str, Any]:
    district, person = whose
    return {"district": district, "person": person}


def _start_id(whose: Whose) -> str:
    return derived_id("start", *whose)


def _old(district: str, old: Old) -> dict[str, Any]:
    bounds = {"$gte": old.since, "$lt": old.until}
    asked: dict[str, Any] = {
        "district": district,
        "last_at": {name: at for name, at in bounds.items() if at is not None},
    }
    if old.of is not None:
        asked["person"] = {"$in": sorted(old.of)}
    elif old.but:
        asked["person"] = {"$nin": sorted(old.but)}
    return asked


def _stored(look: Look) -> dict[str, Any]:
    told = asdict(look.told)
    del told["artifact"]  # nobody is told it
    return {"_id": look.id, "number": look.number, "hash": look.hash, **told}


def _look(stored: Mapping[str, Any]) -> Look:
    told = {name: stored[name] for name in ToldLook.__slots__ if name != "artifact"}
    return Look(stored["_id"], stored["number"], ToldLook(**told), stored["hash"])
