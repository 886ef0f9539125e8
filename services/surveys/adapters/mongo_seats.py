"""`Seats` on MongoDB: the collection `seats`.

`{_id, district, administration, answers: null | [{item, value}], closed, repeats}`, where
`_id` is a keyed hash of the response code. A document is made before anybody answers and
is changed in place, so that neither its id nor its place tells when it was filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.mongo import BulkWriteError, Database, IndexModel
from services.chassis.write.mongo_faults import only_duplicates, reading, writing
from services.surveys.application.ports import MOST_REPEATS, Answered
from services.surveys.domain.small_n import Sheet

COLLECTION = "seats"


class MongoSeats:
    def __init__(self, database: Database) -> None:
        self._seats = database[COLLECTION]

    async def ensure_indexes(self) -> None:
        """Make the index that is missing; repeating it changes nothing."""
        index = IndexModel([("district", 1), ("administration", 1)], name="of_administration")
        with writing():
            await self._seats.create_indexes([index])

    async def prepare(self, district: str, administration: str, seats: Sequence[str]) -> None:
        empty = [
            {
                "_id": seat,
                "district": district,
                "administration": administration,
                "answers": None,
                "closed": False,
                "repeats": 0,
            }
            for seat in sorted(seats)
        ]
        with writing():
            try:
                await self._seats.insert_many(empty, ordered=False)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise

    async def answer(self, district: str, administration: str, seat: str, sheet: Sheet) -> Answered:
        mine = {"_id": seat, "district": district, "administration": administration}
        answers = [{"item": item, "value": sheet[item]} for item in sorted(sheet)]
        with writing():
            filled = await self._seats.update_one(
                {**mine, "answers": None, "closed": False}, {"$set": {"answers": answers}}
            )
            if filled.matched_count:
                return Answered.STORED
            before = await self._seats.find_one_and_update(mine, {"$inc": {"repeats": 1}})
        if not before:
            return Answered.UNKNOWN
        if before["closed"]:
            return Answered.CLOSED
        same = before["answers"] == answers and before["repeats"] < MOST_REPEATS
        return Answered.STORED if same else Answered.USED

    async def freeze(self, district: str, administration: str) -> None:
        with writing():
            await self._seats.update_many(
                {**_all(district, administration), "answers": None, "closed": False},
                {"$set": {"closed": True}},
            )

    async def sheets(self, district: str, administration: str) -> Sequence[Sheet]:
        asked = {**_all(district, administration), "answers": {"$ne": None}}
        with reading():
            found = await self._seats.find(asked, {"answers": 1}).sort("_id", 1).to_list(None)
        return [{each["item"]: each["value"] for each in seat["answers"]} for seat in found]


def _all(district: str, administration: str) -> dict[str, Any]:
    return {"district": district, "administration": administration}
