"""Drafts on MongoDB keep what drafts promise, at the cost they promise, and are removed by it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.chassis.kernel import Kind
from services.chassis.mongo import Database, connect, database
from services.chassis.write.drafts import KEPT
from services.chassis.write.mongo_drafts import MongoDrafts
from services.ctl.engines import Engines
from tests.support.commands import Commands
from tests.support.drafts_suite import NOW, WHO, DraftsSuite, refused, typed


@pytest.fixture
async def drafts(db: Database) -> MongoDrafts:
    drafts = MongoDrafts(db)
    await drafts.ensure_indexes()
    await drafts.ensure_indexes()
    return drafts


@pytest.fixture
async def counted(engines: Engines) -> AsyncIterator[tuple[MongoDrafts, Commands]]:
    commands = Commands()
    client = connect(engines.mongodb_uri, "test", (commands,))
    name = f"test_{uuid4().hex[:12]}"
    drafts = MongoDrafts(database(client, name))
    await drafts.ensure_indexes()
    commands.clear()
    try:
        yield drafts, commands
    finally:
        await client.drop_database(name)
        client.close()


class TestDrafts(DraftsSuite):
    pass


async def test_a_save_is_one_command_and_the_first_two_more(
    counted: tuple[MongoDrafts, Commands],
) -> None:
    drafts, commands = counted
    first = await drafts.save(typed(), None)
    assert commands.names == ["findAndModify", "aggregate", "insert"]
    for seen in (None, first.version + 1):
        commands.clear()
        await drafts.save(typed("more"), seen)
        assert commands.names == ["findAndModify"]
    for asked in (
        drafts.get(*WHO, "d1"),
        drafts.find(*WHO, "goal", None, "", 9),
        drafts.all_of(*WHO),
        drafts.delete(*WHO, "d1", None),
    ):
        commands.clear()
        await asked
        assert len(commands.names) == 1


async def test_what_is_not_saved_again_is_removed_when_its_time_is_over(
    db: Database, drafts: MongoDrafts
) -> None:
    await drafts.save(typed(), None)
    await drafts.save(typed(after=60), None)
    (stored,) = await db["drafts"].find().to_list(None)
    indexes = await db["drafts"].index_information()
    (late,) = (each for each in indexes.values() if "expireAfterSeconds" in each)
    assert (late["key"], late["expireAfterSeconds"]) == ([("until", 1)], 0)
    assert stored["until"] == typed(after=60).saved_at + KEPT
    assert stored["begun_at"] == NOW


async def test_what_a_newer_build_has_stored_is_not_written_over(
    db: Database, drafts: MongoDrafts
) -> None:
    await drafts.save(typed(), None)
    await drafts.save(typed(id="d2"), None)
    await db["drafts"].update_one({"id": "d1"}, {"$set": {"schema": 2, "new": 1}})
    for asked in (
        drafts.save(typed("b"), None),
        drafts.get(*WHO, "d1"),
        drafts.delete(*WHO, "d1", None),
    ):
        assert await refused(asked) == (Kind.UNAVAILABLE, "needs_upgrade")
    page = await drafts.find(*WHO, None, None, "", 9)
    assert ([each.id for each in page.drafts], page.left_out) == (["d2"], 1)
