"""Tickets on MongoDB keep what tickets promise, and are removed by it."""

import pytest

from services.chassis.mongo import Database
from services.insights.ticket.mongo_tickets import MongoTickets
from tests.support.tickets_suite import NOW, TICKET, TicketsSuite


@pytest.fixture
async def tickets(db: Database) -> MongoTickets:
    tickets = MongoTickets(db)
    await tickets.ensure_indexes()
    await tickets.ensure_indexes()
    return tickets


class TestTickets(TicketsSuite):
    pass


async def test_what_nobody_takes_is_removed_when_its_time_is_over(
    db: Database, tickets: MongoTickets
) -> None:
    await tickets.keep("a", TICKET, NOW)
    (stored,) = await db["tickets"].find().to_list(None)
    indexes = await db["tickets"].index_information()
    (late,) = (each for each in indexes.values() if "expireAfterSeconds" in each)
    assert (late["key"], late["expireAfterSeconds"]) == ([("until", 1)], 0)
    assert stored["until"] == TICKET.until
