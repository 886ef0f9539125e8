"""The key on MongoDB keeps what keys promise."""

import pytest

from services.chassis.mongo import Database
from services.chassis.write.mongo_sealing import MongoSealingKey
from tests.support.sealing_suite import SealingSuite


@pytest.fixture
def processes(db: Database) -> list[MongoSealingKey]:
    return [MongoSealingKey(db) for _ in range(8)]


class TestSealing(SealingSuite):
    pass


async def test_it_lives_as_long_as_the_database(db: Database) -> None:
    first = await MongoSealingKey(db).key()
    assert await MongoSealingKey(db).key() == first
    await db["sealing"].delete_many({})
    assert await MongoSealingKey(db).key() != first
