"""`Identifiers` on MongoDB: the collection `identifiers`, `{_id: "district/person", district,
person, digests, since, left_at, forget_at}`, the last two of who has left. Its key is the service's
(`sealing`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import Database, DeleteOne, IndexModel, UpdateOne
from services.chassis.write.mongo_faults import reading, writing
from services.chassis.write.mongo_sealing import MongoSealingKey
from services.roster.imports.identifiers import KEPT, Marks

PAGE = 1_000  # people of one command


class MongoIdentifiers:
    def __init__(self, database: Database) -> None:
        self._known = database["identifiers"]
        self._sealing = MongoSealingKey(database)

    async def ensure_indexes(self) -> None:
        with writing():
            await ensure(
                self._known,
                [
                    IndexModel("district", name="of_district"),
                    IndexModel("forget_at", name="forget_at", expireAfterSeconds=0),
                ],
            )

    async def key(self) -> bytes:
        return await self._sealing.key()

    async def all(self, district: str) -> dict[str, Marks]:
        known: dict[str, Marks] = {}
        with reading():
            async for each in self._known.find({"district": district}, batch_size=PAGE):
                left_at = each.get("left_at")
                known[each["person"]] = Marks(tuple(each["digests"]), each["since"], left_at)
        return known

    async def put(self, district: str, changed: Mapping[str, Marks | None]) -> None:
        changes = [_change(district, person, marks) for person, marks in changed.items()]
        for start in range(0, len(changes), PAGE):
            with writing():
                await self._known.bulk_write(changes[start : start + PAGE], ordered=False)


def _change(district: str, person: str, marks: Marks | None) -> UpdateOne | DeleteOne:
    where = {"_id": f"{district}/{person}"}
    if marks is None:
        return DeleteOne(where)
    told: dict[str, Any] = {"district": district, "person": person}
    told |= {"digests": list(marks.digests), "since": marks.since}
    if marks.left_at is not None:
        left = {"left_at": marks.left_at, "forget_at": marks.left_at + KEPT}
        return UpdateOne(where, {"$set": {**told, **left}}, upsert=True)
    return UpdateOne(where, {"$set": told, "$unset": {"left_at": "", "forget_at": ""}}, upsert=True)
