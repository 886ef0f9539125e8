"""What partners' programs have read, on MongoDB: the collections `partner_reads` and
`journal_reads`; and what of it was read on a day, from the looks themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import Database, IndexModel, UpdateOne
from services.chassis.write.ids import derived_id
from services.chassis.write.mongo_faults import reading, writing
from services.privacy.look.domain import ALLOWED, FETCHED, Disclosed, JournalRead, PartnerRead
from services.privacy.look.looks import MOST_DISCLOSED, MOST_READS

COLLECTION, READS, JOURNALS = "looks", "partner_reads", "journal_reads"
_READ = ("district", "partner", "person", "kind", "artifact")
_JOURNAL = ("district", "day", "partner", "service", "kind", "operation", "purpose")
_DISCLOSED = ("partner", "viewer", "service", "kind", "operation", "purpose")
# As the partial indexes have them, and of whom what is in them is disclosed.
_BY_PARTNERS: Mapping[str, Any] = {"partner": {"$gt": ""}}
_BY_OFFICERS: Mapping[str, Any] = {"relation": FETCHED[0]}
_LEFT: Sequence[Mapping[str, Any]] = (
    {**_BY_PARTNERS, "decision": ALLOWED},
    {**_BY_OFFICERS, "kind": FETCHED[1], "decision": ALLOWED, "partner": ""},
)


class MongoReads:
    """The part of `Looks` that is about partners."""

    def __init__(self, database: Database) -> None:
        self._looks = database[COLLECTION]
        self._reads = database[READS]
        self._journals = database[JOURNALS]

    async def _ensure_indexes(self) -> None:
        """Make those that are missing; repeating it changes nothing."""
        by_time = [("district", 1), ("last_at", 1)]
        by_partners = IndexModel(by_time, name="of_partners", partialFilterExpression=_BY_PARTNERS)
        by_officers = IndexModel(by_time, name="of_officers", partialFilterExpression=_BY_OFFICERS)
        await ensure(self._looks, [by_partners, by_officers])
        await ensure(self._reads, [IndexModel([("district", 1), ("person", 1)], name="by_person")])
        await ensure(self._journals, [IndexModel(by_time, name="by_time")])

    async def note_reads(self, reads: Sequence[PartnerRead]) -> None:
        updates = [
            UpdateOne(
                {"_id": _id(each)},
                {
                    "$setOnInsert": {name: getattr(each, name) for name in _READ},
                    "$min": {"first_at": each.first_at},
                    "$max": {"last_at": each.last_at},
                },
                upsert=True,
            )
            for each in reads
        ]
        if updates:
            with writing():
                await self._reads.bulk_write(updates, ordered=False)

    async def partners_of(
        self, district: str, people: Collection[str], artifact: str = ""
    ) -> Sequence[PartnerRead]:
        asked: dict[str, Any] = {"district": district, "person": {"$in": ["", *people]}}
        by: dict[str, Any] = {name: f"${name}" for name in _READ}
        if artifact:  # what an older build has noted says none: by itself or in a list, who knows
            asked["artifact"] = {"$in": ["", None, artifact]}
            by["artifact"] = {"$ifNull": ["$artifact", ""]}
        else:
            by["artifact"] = {"$literal": ""}
        times = {"first_at": {"$min": "$first_at"}, "last_at": {"$max": "$last_at"}}
        pipeline: list[dict[str, Any]] = [
            {"$match": asked},
            {"$group": {"_id": by, **times}},
            {"$limit": MOST_READS},
        ]
        with reading():
            found = await self._reads.aggregate(pipeline).to_list(None)
        return [
            PartnerRead(**each["_id"], first_at=each["first_at"], last_at=each["last_at"])
            for each in found
        ]

    async def note_journals(self, reads: Sequence[JournalRead]) -> None:
        updates = [
            UpdateOne(
                {"_id": derived_id("journal_read", *(getattr(each, name) for name in _JOURNAL))},
                {
                    "$setOnInsert": {name: getattr(each, name) for name in _JOURNAL},
                    "$min": {"first_at": each.first_at},
                    "$max": {"last_at": each.last_at},
                },
                upsert=True,
            )
            for each in reads
        ]
        if updates:
            with writing():
                await self._journals.bulk_write(updates, ordered=False)

    async def last_disclosed(
        self, district: str, since: datetime | None, until: datetime | None
    ) -> datetime | None:
        asked = _within(district, since, until)
        newest: list[datetime] = []
        with reading():
            for where, of in (*((self._looks, left) for left in _LEFT), (self._journals, {})):
                shown = {"_id": 0, "last_at": 1}
                found = await where.find_one({**asked, **of}, shown, sort=[("last_at", -1)])
                newest += [found["last_at"]] if found else []
        return max(newest, default=None)

    async def disclosed(self, district: str, since: datetime, until: datetime) -> list[Disclosed]:
        asked, found = _within(district, since, until), []
        with reading():
            for left in _LEFT:
                pipeline = [{"$match": {**asked, **left}}, *_SUMS]
                for each in await self._looks.aggregate(pipeline).to_list(None):
                    found.append(Disclosed(**each.pop("_id"), **each))
            for each in await self._journals.find(asked).limit(MOST_DISCLOSED).to_list(None):
                said = {name: each.get(name, "") for name in _DISCLOSED}
                times = {"first_at": each["first_at"], "last_at": each["last_at"]}
                found.append(Disclosed(**said, people=None, times=0, **times))
        return sorted(found, key=attrgetter("place"))[:MOST_DISCLOSED]


_EACH = {
    "times": {"$sum": "$times"},
    "first_at": {"$min": "$first_at"},
    "last_at": {"$max": "$last_at"},
}
# First each person once, so that no set of them grows.
_SUMS: Sequence[Mapping[str, Any]] = (
    {
        "$group": {
            "_id": {"person": "$person", **{name: f"${name}" for name in _DISCLOSED}},
            **_EACH,
        }
    },
    {
        "$group": {
            "_id": {name: f"$_id.{name}" for name in _DISCLOSED},
            "people": {"$sum": 1},
            **_EACH,
        }
    },
    {"$limit": MOST_DISCLOSED},
)


def _within(district: str, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    bounds = {"$gte": since, "$lt": until}
    given = {name: at for name, at in bounds.items() if at is not None}
    return {"district": district, **({"last_at": given} if given else {})}


def _id(read: PartnerRead) -> str:
    """Of what was read in lists as an older build gave it."""
    of = (read.artifact,) if read.artifact else ()
    return derived_id("read", read.district, read.partner, read.person, read.kind, *of)
