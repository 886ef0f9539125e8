"""What a rebuild leaves in the database, on a real Kafka and a real MongoDB."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from services.chassis.log.connections import Proof
from services.chassis.log.noted import held_offsets
from services.chassis.log.source import Positions, Source
from services.chassis.mongo import Database
from services.chassis.views.generations import Generations
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Batch, Builds, Generation, Outcome, Terms
from services.chassis.write.documents import JournalEntry
from services.ctl import rebuilding
from services.ctl.engines import Engines
from services.ctl.exits import Stop
from services.ctl.rebuilding import View, go_back, rebuild
from tests.support.goal_cards import elsewhere, goal_cards, progress
from tests.support.journals import journals_of
from tests.support.kafka import cut_off, new_topics, producing


async def test_what_its_projector_adds_to_the_old_build_meanwhile_does_not_lack_in_the_new_one(
    engines: Engines, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = engines.kafka_bootstrap_servers
    view = View("goals", goal_cards(await new_topics(kafka, [2, 2])))
    journals = await journals_of([JournalEntry("g1", "d1", progress("t1", "g1", 1))])

    async def build() -> dict[str, Any]:
        return await rebuild(view, db, kafka, journals, proof=Proof(), dry_run=False)

    assert (await build())["in_use"]

    class Living(Rebuild):
        async def catch_up(self, generation: Generation, source: Source, ends: Positions) -> None:
            await super().catch_up(generation, source, ends)
            await db["cards_1"].insert_one({"_id": "d1:t2", "district": "d1"})  # published since

    monkeypatch.setattr(rebuilding, "Rebuild", Living)
    report = await build()
    assert (report["in_use"], report["rows"], report["same_as_before"]) == (True, 1, False)


async def test_only_builds_that_come_into_use_stay(
    engines: Engines, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = engines.kafka_bootstrap_servers
    view = View("goals", goal_cards(await new_topics(kafka, [2, 2])))
    entries = [
        JournalEntry(f"g{number}", "d1", progress(f"t{number}", f"g{number}", 1))
        for number in range(3)
    ]

    async def build(count: int, *, dry_run: bool) -> int:
        journals = await journals_of(entries[:count])
        report = await rebuild(view, db, kafka, journals, proof=Proof(), dry_run=dry_run)
        return int(report["build"])

    async def left() -> tuple[set[str], set[str]]:
        """The copies of the rows, and the builds that have fences."""
        names = await db.list_collection_names()
        fences = await db["view_fences"].find({}).to_list(None)
        copies = {name for name in names if name.startswith("cards")}
        return copies, {each["_id"].partition(":")[0] for each in fences}

    assert await build(3, dry_run=True) == 1
    assert await left() == (set(), set())
    assert await build(3, dry_run=False) == 2
    used = ({"cards_2"}, {"cards-test.2"})
    assert await left() == used
    with pytest.raises(Stop, match="fewer rows"):
        await build(2, dry_run=False)
    assert await left() == used
    assert await build(3, dry_run=False) == 4
    assert await left() == ({"cards_2", "cards_4"}, {"cards-test.2", "cards-test.4"})
    assert (await Generations(db).current("cards-test")).number == 4

    class Overtaken(MongoViews):
        async def come_into_use(self, generation: Generation, alone: bool) -> bool:
            assert await super().come_into_use(generation, alone)
            await self.flip(Generation(generation.name, 4))
            return True

    monkeypatch.setattr(rebuilding, "MongoViews", Overtaken)
    assert await build(3, dry_run=False) == 5
    assert "cards_5" in (await left())[0]  # who looked a moment ago still reads it


async def test_what_was_left_goes_with_the_next_rebuild_and_the_one_before_is_gone_back_to(
    engines: Engines, db: Database
) -> None:
    kafka = engines.kafka_bootstrap_servers
    view = View("goals", goal_cards(await new_topics(kafka, [2, 2])))
    views, name = MongoViews(db), view.projection.group

    async def build() -> None:
        journals = await journals_of([JournalEntry("g1", "d1", progress("t1", "g1", 1))])
        await rebuild(view, db, kafka, journals, proof=Proof(), dry_run=False)

    await build()
    left = await views.next_generation(name)
    await views.claim(left.group, range(2), Terms(2))
    await db["cards_2"].insert_one({"_id": "d1:t1", "district": "d1"})
    assert await views.builds(name) == Builds(Generation(name, 1), left, [])
    await build()
    third = Generation(name, 3)
    assert await views.builds(name) == Builds(third, None, [Generation(name, 1)])
    assert "cards_2" not in await db.list_collection_names()
    held = partial(held_offsets, kafka, view.projection.topics, Proof())
    assert await go_back(name, views, held) == {"view": name, "build": 1, "left": 3}
    assert await views.builds(name) == Builds(Generation(name, 1), None, [third])
    with pytest.raises(Stop, match="no build before 1 to go back to"):
        await go_back(name, views, held)


async def test_nobody_goes_back_to_a_build_that_could_not_catch_up_with_what_kafka_still_has(
    engines: Engines, db: Database
) -> None:
    kafka = engines.kafka_bootstrap_servers
    topics = await new_topics(kafka, [2, 2])
    view = View("goals", goal_cards(topics))
    views, name = MongoViews(db), view.projection.group
    journals = await journals_of([JournalEntry("g1", "d1", progress("t1", "g1", 1))])

    async def back() -> Any:
        return await go_back(name, views, partial(held_offsets, kafka, topics, Proof()))

    for _ in range(2):
        await rebuild(view, db, kafka, journals, proof=Proof(), dry_run=False)
    async with producing(kafka) as producer:
        for _ in range(3):
            await producer.send_and_wait(topics[1], b"later", key=b"d1:t1", partition=1)
    await cut_off(kafka, topics[1], {1: 2})  # one that neither build has read is left
    lacks = f"{topics[1]}/1 begins at offset 2, and it has read up to 0"
    with pytest.raises(Stop, match=f"build 1 could not catch up: {re.escape(lacks)}") as refused:
        await back()
    assert "`tandem views rebuild --view cards-test`; nothing was changed" in str(refused.value)
    assert (await views.generation(name)).number == 2
    build, number = Generation(name, 1), 1
    (fence,) = (await views.claim(build.group, [number], Terms(2))).values()
    read = replace(fence, positions={**fence.positions, topics[1]: 2})
    assert await views.commit(Batch(build, {number: read})) is Outcome.COMMITTED
    assert (await back())["build"] == 1
    assert await views.flip(Generation(name, 2))
    ahead = replace(read, rev=read.rev + 1, positions={**read.positions, topics[0]: 9})
    assert await views.commit(Batch(build, {number: ahead})) is Outcome.COMMITTED
    with pytest.raises(Stop, match=f"{re.escape(topics[0])}/1 ends at offset 0, and it has read"):
        await back()


async def test_after_a_restore_rows_may_be_fewer_and_no_district_may_be_missing(
    engines: Engines, db: Database
) -> None:
    kafka = engines.kafka_bootstrap_servers
    view = View("goals", goal_cards(await new_topics(kafka, [2, 2])))
    mine = [JournalEntry(f"g{each}", "d1", progress(f"t{each}", f"g{each}", 1)) for each in "12"]
    entries = [*mine, JournalEntry("g3", "d2", elsewhere(progress("t3", "g3", 1)))]

    async def build(given: list[JournalEntry], after_restore: bool) -> dict[str, Any]:
        return await rebuild(
            view,
            db,
            kafka,
            await journals_of(given),
            proof=Proof(),
            dry_run=False,
            after_restore=after_restore,
        )

    assert (await build(entries, after_restore=False))["rows"] == 3
    backup = entries[1:]
    with pytest.raises(Stop, match="--after-restore"):
        await build(backup, after_restore=False)
    with pytest.raises(Stop, match="no rows of d2"):
        await build(mine, after_restore=True)
    report = await build(backup, after_restore=True)
    assert (report["in_use"], report["rows"], report["same_as_before"]) == (True, 2, False)
