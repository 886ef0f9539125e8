"""Drafts on MongoDB keep what drafts promise, at the cost they promise, and are removed by it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from services.assembly.personal_records.domain import Whose
from services.assembly.personal_records.reading import Typed
from services.chassis.kernel import Kind
from services.chassis.mongo import Database, connect, database
from services.chassis.write.drafts import KEPT, STAYS_ERASED
from services.chassis.write.mongo_drafts import MongoDrafts
from services.ctl.engines import Engines
from tests.support.commands import Commands
from tests.support.drafts_suite import NOW, SECOND, WHO, DraftsSuite, refused, texts_of, typed


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


async def test_of_what_was_erased_nothing_that_was_typed_stays(
    db: Database, drafts: MongoDrafts
) -> None:
    await drafts.save(typed("secret", kind="goal", about="g1", person="t1"), None)
    await drafts.erase_about("north", ["g1"], NOW + SECOND)
    (stored,) = await db["drafts"].find().to_list(None)
    assert stored == {
        "_id": "north:coach-01:d1",
        "district": "north",
        "schema": 1_000_000,  # which builds before this one refuse to read, too
        "begun_at": NOW,
        "author_before": "",
        "until": NOW + SECOND + STAYS_ERASED,
    }
    await db["drafts"].delete_one({})  # when its time is over
    assert (await drafts.save(typed("new"), None)).begun_at == NOW


class SavedMeanwhile(MongoDrafts):
    """While one is moved another page of its author saves it, once it is put."""

    unsaved = 1

    async def _put(self, moved: Any) -> bool:
        put = await super()._put(moved)
        if self.unsaved:
            self.unsaved -= 1
            await self.save(typed("six pages", after=6), None)
        return put


async def test_a_save_between_the_two_halves_of_a_move_goes_along(db: Database) -> None:
    drafts = SavedMeanwhile(db)
    await drafts.move(await drafts.save(typed("five pages"), None), "coach-02")
    assert await drafts.all_of(*WHO) == []
    assert await texts_of(drafts, "coach-02") == ["six pages"]
    drafts.unsaved = 3
    await drafts.leave("north", "coach-02")
    old = await drafts.save(typed("five pages"), None)
    assert await refused(drafts.move(old, "coach-02")) == (Kind.UNAVAILABLE, "contention")
    await drafts.move(old, "coach-02")
    assert await drafts.all_of(*WHO) == []
    assert await texts_of(drafts, "coach-02") == ["six pages"]


async def test_a_move_that_was_cut_short_and_is_done_again_makes_no_second_one(
    db: Database, drafts: MongoDrafts
) -> None:
    old = await drafts.save(typed("five pages"), None)
    (stored,) = await db["drafts"].find().to_list(None)
    await drafts.move(old, "coach-02")
    await db["drafts"].insert_one(stored)  # it died before this was deleted
    await drafts.save(typed("six pages", author="coach-02", after=6), None)
    await drafts.move(old, "coach-02")
    assert await drafts.all_of(*WHO) == []
    assert await texts_of(drafts, "coach-02") == ["six pages"]
    await db["drafts"].insert_one(stored)
    await drafts.erase("north", "coach-02", NOW, NOW, [WHO[1]])
    await drafts.move(old, "coach-02")  # what was erased meanwhile is not put once more
    assert await db["drafts"].count_documents({"texts": {"$exists": True}}) == 0


async def test_a_move_is_three_commands(counted: tuple[MongoDrafts, Commands]) -> None:
    drafts, commands = counted
    old = await drafts.save(typed(), None)
    commands.clear()
    await drafts.move(old, "coach-02")
    assert commands.names == ["find", "insert", "delete"]
    again = await drafts.save(typed(after=1), None)
    commands.clear()
    await drafts.move(again, "coach-02")
    assert commands.names == ["find", "insert", "find", "insert", "delete"]


@pytest.mark.parametrize("at_once", [1, 2, 9])
async def test_a_records_request_counts_those_of_a_newer_build(
    db: Database, drafts: MongoDrafts, at_once: int
) -> None:
    """And goes on with the others, page by page."""
    for id_ in ("a", "b", "c", "d"):
        await drafts.save(replace(typed(), id=id_), None)
    await db["drafts"].update_many({"id": {"$in": ["a", "c"]}}, {"$set": {"schema": 99}})
    section, whose = Typed(drafts), Whose(*WHO, own=True)
    found: list[str] = []
    place, pages = "", 0
    while pages < 9:
        page = [each async for each in section.read(whose, place)][:at_once]
        if not page:
            break
        found += ["left out" if thing is None else thing.of for thing, _ in page]
        place, pages = page[-1][1], pages + 1
    assert found == ["left out", "left out", "b", "d"]
