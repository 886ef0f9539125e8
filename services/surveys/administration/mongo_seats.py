"""`Seats` on MongoDB: the collection `seats`.

`{_id, district, administration, answers: null | [{item, value}], frozen, noise}`, where
`_id` is a keyed hash of the response code and `frozen` the last round in which it was: -1 at
first (0, or none, where an earlier build made it), beyond every round once the survey was
cleared. A document is made before anybody answers and is changed in place, so that neither its
id nor its place tells when it was filled. `noise` is a random number, new with every answer
that comes: a filled seat is written too, and so the time that an answer takes does not tell
whether it was filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import BulkWriteError, Database, IndexModel
from services.chassis.write.mongo_faults import only_duplicates, reading, writing
from services.surveys.administration.small_n import Sheet

COLLECTION = "seats"
_EVERY_ROUND = 2**31 - 1


class MongoSeats:
    def __init__(self, database: Database) -> None:
        self._seats = database[COLLECTION]

    async def ensure_indexes(self) -> None:
        """Make the index if it is missing; repeating it changes nothing."""
        order = [("district", 1), ("administration", 1)]
        with writing():
            await ensure(self._seats, [IndexModel(order, name="of_administration")])

    async def prepare(self, district: str, administration: str, seats: Sequence[str]) -> None:
        empty = [
            {
                "_id": seat,
                "district": district,
                "administration": administration,
                "answers": None,
                "frozen": -1,
                "noise": 0.0,
            }
            for seat in sorted(seats)
        ]
        with writing():
            try:
                await self._seats.insert_many(empty, ordered=False)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise

    async def answer(
        self, district: str, administration: str, seat: str, sheet: Sheet, round: int
    ) -> bool:
        mine = {"_id": seat, **_unfrozen(district, administration, round)}
        answers = [{"item": item, "value": sheet[item]} for item in sorted(sheet)]
        kept = {"$ifNull": ["$answers", {"$literal": answers}]}
        with writing():
            done = await self._seats.update_one(
                mine, [{"$set": {"answers": kept, "noise": {"$rand": {}}}}]
            )
        return done.matched_count > 0

    async def freeze(self, district: str, administration: str, round: int) -> None:
        with writing():
            await self._seats.update_many(
                _unfrozen(district, administration, round), {"$set": {"frozen": round}}
            )

    async def sheets(self, district: str, administration: str) -> Sequence[Sheet]:
        asked = {**_all(district, administration), "answers": {"$ne": None}}
        with reading():
            found = await self._seats.find(asked, {"answers": 1}).sort("_id", 1).to_list(None)
        return [{each["item"]: each["value"] for each in seat["answers"]} for seat in found]

    async def clear(self, district: str, administration: str) -> None:
        with writing():
            await self._seats.update_many(
                _unfrozen(district, administration, _EVERY_ROUND),
                {"$set": {"answers": None, "frozen": _EVERY_ROUND, "noise": 0.0}},
            )

    async def remove(self, district: str, administration: str) -> None:
        with writing():
            await self._seats.delete_many(_all(district, administration))


def _all(district: str, administration: str) -> dict[str, Any]:
    return {"district": district, "administration": administration}


def _unfrozen(district: str, administration: str, round: int) -> dict[str, Any]:
    return {**_all(district, administration), "frozen": {"$not": {"$gte": round}}}
