"""What every `Tickets` keeps. A subclass has a fixture `tickets`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.insights.ticket.tickets import EACH, Ticket, Tickets

NOW = datetime.now(UTC).replace(microsecond=0)
TICKET = Ticket("north", "coach-01", "watch", 1_234.5, NOW + timedelta(seconds=30))


class TicketsSuite:
    async def test_one_that_is_kept_is_taken_once_and_as_it_was(self, tickets: Tickets) -> None:
        other = replace(TICKET, person="coach-02", ends_at=float("inf"))
        assert await tickets.keep("a", TICKET, NOW)
        assert await tickets.keep("b", other, NOW)
        assert await tickets.take("a", "watch") == TICKET
        assert await tickets.take("a", "watch") is None
        assert await tickets.take("c", "watch") is None
        assert await tickets.take("b", "watch") == other

    async def test_of_many_who_show_it_at_once_one_is_let_in(self, tickets: Tickets) -> None:
        await tickets.keep("a", TICKET, NOW)
        found = await asyncio.gather(*(tickets.take("a", "watch") for _ in range(10)))
        assert [each for each in found if each] == [TICKET]

    async def test_it_is_good_for_one_operation(self, tickets: Tickets) -> None:
        await tickets.keep("a", TICKET, NOW)
        assert await tickets.take("a", "get") is None
        assert await tickets.take("a", "watch") == TICKET

    async def test_a_person_has_so_many_until_they_are_taken_or_too_old(
        self, tickets: Tickets
    ) -> None:
        for number in range(EACH):
            assert await tickets.keep(f"{number}", TICKET, NOW)
        assert not await tickets.keep("more", TICKET, NOW)
        assert await tickets.take("more", "watch") is None
        for other in (replace(TICKET, person="coach-02"), replace(TICKET, district="south")):
            assert await tickets.keep(f"of {other.person} {other.district}", other, NOW)
        await tickets.take("0", "watch")
        assert await tickets.keep("more", TICKET, NOW)
        assert not await tickets.keep("one more", TICKET, NOW)
        assert await tickets.keep("later", TICKET, TICKET.until + timedelta(seconds=1))
