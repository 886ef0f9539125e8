"""Seats in memory keep what seats promise."""

import pytest

from services.surveys.administration.memory_seats import MemorySeats
from tests.support.seats_suite import SeatsSuite


@pytest.fixture
def seats() -> MemorySeats:
    return MemorySeats()


class TestSeats(SeatsSuite):
    pass
