"""Tickets in memory keep what tickets promise."""

import pytest

from services.insights.ticket.memory_tickets import MemoryTickets
from tests.support.tickets_suite import TicketsSuite


@pytest.fixture
def tickets() -> MemoryTickets:
    return MemoryTickets()


class TestTickets(TicketsSuite):
    pass
