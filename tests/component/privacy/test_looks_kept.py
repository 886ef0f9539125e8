"""Looks, and events of no aggregate, in memory keep what they promise on MongoDB, too."""

import pytest

from services.chassis.write.memory_loose import Kept, MemoryLooseEvents
from services.privacy.look.memory_looks import MemoryLooks
from tests.support.clocks import FakeClock
from tests.support.looks_suite import LooksSuite
from tests.support.loose_suite import LooseSuite, Two


@pytest.fixture
def looks() -> MemoryLooks:
    return MemoryLooks()


@pytest.fixture
def events() -> Two:
    clock, kept = FakeClock(), Kept()
    return (
        MemoryLooseEvents(clock, "mine", kept),
        MemoryLooseEvents(clock, "other", kept),
        clock,
    )


class TestLooks(LooksSuite):
    pass


class TestLooseEvents(LooseSuite):
    pass
