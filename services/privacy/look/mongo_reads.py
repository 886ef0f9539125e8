"""What partners' programs have read, on MongoDB: the collection `partner_reads`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from services.chassis.mongo import Database, UpdateOne
from services.chassis.write.ids import derived_id
from services.chassis.write.mongo_faults import reading, writing
from services.privacy.look.domain import PartnerRead
from services.privacy.look.looks import MOST_READS

READS = "partner_reads"
_READ = ("district", "partner", "person", "kind", "artifact")


class MongoReads:
    """The part of `Looks` that is about partners."""

    def __init__(self, database: Database) -> None:
        self._reads = database[READS]

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


def _id(read: PartnerRead) -> str:
    """Of what was read in lists as an older build gave it."""
    of = (read.artifact,) if read.artifact else ()
    return derived_id("read", read.district, read.partner, read.person, read.kind, *of)
