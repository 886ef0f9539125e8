"""What tells people from others, on MongoDB; and nothing of who has left is kept for ever."""

import pytest

from services.chassis.mongo import Database
from services.roster.imports.identifiers import KEPT
from services.roster.imports.mongo_identifiers import MongoIdentifiers
from tests.support.identifiers_suite import HERS, LEFT, NOW, IdentifiersSuite


@pytest.fixture
async def identifiers(db: Database) -> MongoIdentifiers:
    made = MongoIdentifiers(db)
    await made.ensure_indexes()
    await made.ensure_indexes()
    return made


class TestIdentifiers(IdentifiersSuite):
    pass


async def test_who_has_left_is_forgotten_in_time(
    db: Database, identifiers: MongoIdentifiers
) -> None:
    await identifiers.put("north", {"teacher-1": LEFT})
    kept = await db["identifiers"].find_one({})
    assert kept is not None
    assert kept["forget_at"] == NOW + KEPT
    indexes = await db["identifiers"].index_information()
    assert indexes["forget_at"]["expireAfterSeconds"] == 0
    await identifiers.put("north", {"teacher-1": HERS})
    kept = await db["identifiers"].find_one({})
    assert kept is not None
    assert "forget_at" not in kept


async def test_two_processes_make_the_same_digests(
    db: Database, identifiers: MongoIdentifiers
) -> None:
    assert await MongoIdentifiers(db).key() == await identifiers.key()
