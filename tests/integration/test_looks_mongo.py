"""Looks, and events of no aggregate, on MongoDB keep what they promise."""

import pytest

from services.chassis.mongo import Database
from services.chassis.write.mongo_loose import MongoLooseEvents
from services.privacy.look.mongo_looks import MongoLooks
from tests.support.clocks import FakeClock
from tests.support.looks_suite import LooksSuite
from tests.support.loose_suite import LooseSuite, Two


@pytest.fixture
async def looks(db: Database) -> MongoLooks:
    looks = MongoLooks(db)
    await looks.ensure_indexes()
    await looks.ensure_indexes()
    return looks


@pytest.fixture
async def events(db: Database) -> Two:
    clock = FakeClock()
    mine = MongoLooseEvents(db, "loose", clock, "mine")
    await mine.ensure_indexes()
    await mine.ensure_indexes()
    return mine, MongoLooseEvents(db, "loose", clock, "other"), clock


class TestLooks(LooksSuite):
    pass


class TestLooseEvents(LooseSuite):
    pass
