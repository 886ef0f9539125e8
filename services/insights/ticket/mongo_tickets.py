"""`Tickets` on MongoDB: the collection `tickets`.

`{_id, district, person, operation, ends_at, until}`, where `_id` is the digest of what is shown.
MongoDB removes by itself what was not taken, within a minute or so after `until`.
"""

from __future__ import annotations

from datetime import datetime

from services.chassis.indexes import ensure
from services.chassis.mongo import Database, IndexModel
from services.chassis.write.mongo_faults import reading, writing
from services.insights.ticket.tickets import EACH, Ticket

COLLECTION = "tickets"


class MongoTickets:
    def __init__(self, database: Database) -> None:
        self._tickets = database[COLLECTION]

    async def ensure_indexes(self) -> None:
        """Make those that are missing; repeating it changes nothing."""
        hers = IndexModel([("district", 1), ("person", 1), ("until", 1)], name="of_person")
        late = IndexModel([("until", 1)], name="late", expireAfterSeconds=0)
        with writing():
            await ensure(self._tickets, [hers, late])

    async def keep(self, digest: str, ticket: Ticket, now: datetime) -> bool:
        hers = {"district": ticket.district, "person": ticket.person, "until": {"$gte": now}}
        with writing():
            if await self._tickets.count_documents(hers, limit=EACH) >= EACH:
                return False
            await self._tickets.insert_one(
                {
                    "_id": digest,
                    "district": ticket.district,
                    "person": ticket.person,
                    "operation": ticket.operation,
                    "ends_at": ticket.ends_at,
                    "until": ticket.until,
                }
            )
        return True

    async def take(self, digest: str, operation: str) -> Ticket | None:
        with reading("The ticket may be used up. Ask for a new one."):
            found = await self._tickets.find_one_and_delete({"_id": digest, "operation": operation})
        if not found:
            return None
        return Ticket(
            district=found["district"],
            person=found["person"],
            operation=found["operation"],
            ends_at=found["ends_at"],
            until=found["until"],
        )
