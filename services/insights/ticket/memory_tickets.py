"""`Tickets` in memory, for tests. Every method yields to the loop once before it acts."""

from __future__ import annotations

import asyncio
from datetime import datetime

from services.insights.ticket.tickets import EACH, Ticket


class MemoryTickets:
    def __init__(self) -> None:
        self._kept: dict[str, Ticket] = {}

    async def keep(self, digest: str, ticket: Ticket, now: datetime) -> bool:
        await asyncio.sleep(0)
        person = ticket.district, ticket.person
        hers = [each for each in self._kept.values() if (each.district, each.person) == person]
        if sum(each.until >= now for each in hers) >= EACH:
            return False
        self._kept[digest] = ticket
        return True

    async def take(self, digest: str, operation: str) -> Ticket | None:
        await asyncio.sleep(0)
        found = self._kept.get(digest)
        return self._kept.pop(digest) if found and found.operation == operation else None
