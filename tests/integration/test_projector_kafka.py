"""The projector on a real Kafka and a real MongoDB."""

import asyncio
import json
import random
import re
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.kernel import SystemClock
from services.chassis.log.connections import Proof
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.envelope import Record
from services.chassis.log.noted import end_offsets, noted_offsets
from services.chassis.log.source import HistoryLost, Positions, TopicsDiffer
from services.chassis.mongo import Database
from services.chassis.views.canonical import digest
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.ctl.engines import Engines, start_kafka
from tests.support.goal_cards import Mixed, goal_cards, mixed_events
from tests.support.journals import journals_of
from tests.support.kafka import cut_off, grow, new_topics, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.projected import Projected
from tests.support.projector_member import (
    LENIENT,
    SESSION_S,
    member,
    stands_still,
    start_process,
)
from tests.support.waiting import HANGS, Stopwatch, eventually

PARTITIONS = 6


class Place(Projected):
    async def process(self, crash_at: str = "") -> asyncio.subprocess.Process:
        return await start_process(
            self.bootstrap, self.mongodb, self.db.name, self.topics, crash_at
        )

    async def stored(self, generation: Generation | None = None) -> int:
        """Records that the stored positions of a build lie past."""
        claimed = re.escape((generation or self.now).group)
        fences = (
            await self.db["view_fences"].find({"_id": {"$regex": f"^{claimed}:"}}).to_list(None)
        )
        return sum(entry["next"] for one in fences for entry in one.get("positions", []))

    async def built_anew(self, events: Sequence[Mixed], noted: Positions) -> Generation:
        """From journals that hold these events; not in use yet."""
        journals = await journals_of(
            JournalEntry(aggregate, "d1", event)
            for _, aggregate, event, broken in events
            if broken is None
        )

        async def no_indexes(generation: Generation) -> None: ...

        projection = replace(self.projection, group=self.now.name)
        rebuild = Rebuild(
            self.views, projection, SystemClock(), len(noted), no_indexes, limits=LENIENT
        )
        built = await rebuild.fold_journals(journals, noted)
        settings = ConsumerSettings(self.bootstrap, built.group, self.topics, session_s=SESSION_S)
        ends = await end_offsets(self.bootstrap, self.topics, Proof())
        await rebuild.catch_up(built, KafkaSource(settings), ends)
        return built

    async def agrees(self) -> Sequence[Record]:
        """And what is broken was parked."""
        log = await super().agrees()
        broken = sum(record.value == b"\xff\xff" for record in log)
        assert await self.db["view_parked"].count_documents({}) == broken
        return log


@pytest.fixture
async def place(engines: Engines, db: Database) -> Place:
    topics = await new_topics(engines.kafka_bootstrap_servers, [PARTITIONS, PARTITIONS])
    return Place(engines, topics, db)


async def test_catches_up_and_says_how_fresh_it_is(place: Place) -> None:
    await place.publish(1, 3_000)
    async with place.running() as one:
        await eventually(lambda: one.counts.records == 3_000, timeout=60)

        async def fresh() -> bool:
            return await place.views.freshness(place.now.group) is not None

        await eventually(fresh, timeout=30)
    await place.agrees()
    # starts again where it stopped: nothing is read twice
    async with place.running() as again:
        await place.publish(2, 100)
        await eventually(lambda: again.counts.records >= 100, timeout=60)
    assert again.counts.records == 100


async def test_a_second_member_takes_half_and_gives_it_back(place: Place) -> None:
    await place.publish(3, 1_000)
    async with place.running() as first:
        await eventually(lambda: first.counts.records == 1_000, timeout=60)
        async with place.running() as second:
            await eventually(lambda: len(first.owned) == PARTITIONS // 2, timeout=30)
            await place.publish(4, 1_000)
            await eventually(lambda: first.counts.records + second.counts.records >= 2_000, 60)
            assert second.counts.records > 0
        await place.publish(5, 500)
        total = 2_500
        await eventually(lambda: first.counts.records + second.counts.records >= total, 60)
    assert await place.stored() == total
    await place.agrees()


async def test_a_member_killed_inside_its_transaction_is_replaced_in_time(place: Place) -> None:
    victim = await place.process(crash_at="C2:3")
    await place.publish(6, 2_000)
    assert await asyncio.wait_for(victim.wait(), HANGS) == -signal.SIGKILL
    died = Stopwatch()
    before = await place.stored()
    assert before < 2_000
    successor = await place.process()
    try:

        async def moved_on() -> bool:
            return await place.stored() > before

        await eventually(moved_on, timeout=SESSION_S + 5)
        assert died.seconds() < SESSION_S + 5

        async def caught_up() -> bool:
            return await place.stored() == 2_000

        await eventually(caught_up, timeout=60)
    finally:
        successor.terminate()
        await asyncio.wait_for(successor.wait(), HANGS)
    assert successor.returncode == 0
    await place.agrees()


async def test_a_member_that_was_stopped_and_wakes_writes_nothing_old(place: Place) -> None:
    await place.publish(10, 1_000)
    zombie = await place.process(crash_at="C1:2:STOP")  # with a batch in its hands
    processes = [zombie]
    try:
        await eventually(lambda: stands_still(zombie.pid), timeout=60)
        await place.publish(11, 1_000)
        processes.append(await place.process())

        async def caught_up() -> bool:
            return await place.stored() == 2_000

        await eventually(caught_up, timeout=SESSION_S + 30)
        before = await live_rows(place.views.scan(place.now, "cards"))
        zombie.send_signal(signal.SIGCONT)
        zombie.terminate()  # the batch under way is tried to its end
        told, _ = await asyncio.wait_for(zombie.communicate(), HANGS)
        counts = json.loads(told)
        assert counts["fenced"] == 1
        assert counts["batches"] == 1  # the one before it stood still
        assert await live_rows(place.views.scan(place.now, "cards")) == before
        await place.publish(12, 1_000)

        async def all_read() -> bool:
            return await place.stored() == 3_000

        await eventually(all_read, timeout=60)
    finally:
        for process in processes:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        codes = [await asyncio.wait_for(process.wait(), HANGS) for process in processes]
    assert codes == [0, 0]
    await place.agrees()


async def test_topics_of_different_partition_counts_are_refused(engines: Engines) -> None:
    topics = await new_topics(engines.kafka_bootstrap_servers, [6, 3])
    async with member(
        engines.kafka_bootstrap_servers, engines.mongodb_uri, "projector-refused", topics
    ) as one:
        with pytest.raises(
            TopicsDiffer, match=r"same number of partitions, but .* has 6, .* has 3"
        ):
            await asyncio.wait_for(one.run(asyncio.Event()), HANGS)


async def test_topics_that_grew_alike_are_refused_until_the_view_is_built_anew(
    place: Place,
) -> None:
    events = mixed_events(random.Random(6), 300, 40)
    await place.publish(6, 300)
    async with place.running() as one:
        await eventually(lambda: one.counts.records == 300, timeout=60)
    before = await place.stored()
    await grow(place.bootstrap, place.topics, 24)
    await place.publish(7, 300)
    events += mixed_events(random.Random(7), 300, 40)
    with pytest.raises(TopicsDiffer, match=r"have 24 partitions, but .* they had 6: .*rebuild"):
        async with member(place.bootstrap, place.mongodb, place.db.name, place.topics) as one:
            await one.run(asyncio.Event())
    assert await place.stored() == before
    noted = await noted_offsets(place.bootstrap, place.topics)
    assert len(noted) == 24
    built = await place.built_anew(events, noted)
    await place.views.flip(built)
    async with place.running() as again:
        await eventually(lambda: len(again.owned) == 24, timeout=30)
        await place.publish(9, 100)
        expected = replay_log(place.projection, await whole_log(place.bootstrap, place.topics))

        async def all_there() -> bool:  # what is read again counts once more: no count tells
            return await live_rows(place.views.scan(built, "cards")) == expected["cards"]

        await eventually(all_there, timeout=60)


async def test_a_log_that_was_cut_off_before_the_stored_position_is_an_error(place: Place) -> None:
    await place.publish(7, 300)
    log = await whole_log(place.bootstrap, place.topics)
    number, end = next(
        (record.partition, record.offset + 1) for record in log if record.topic == place.topics[0]
    )
    await cut_off(place.bootstrap, place.topics[0], {number: end})
    async with member(place.bootstrap, place.mongodb, place.db.name, place.topics) as one:
        with pytest.raises(HistoryLost, match=f"begins at offset {end}, but .* needs 0"):
            await asyncio.wait_for(one.run(asyncio.Event()), HANGS)


async def test_a_rebuild_goes_on_from_the_noted_offsets_and_takes_over(place: Place) -> None:
    await place.publish(8, 600)
    events = mixed_events(random.Random(8), 600, 40)

    async with place.running() as one:
        await eventually(lambda: one.counts.records == 600, timeout=60)
        noted = await noted_offsets(place.bootstrap, place.topics, timedelta(seconds=0))
        assert sum(sum(topics.values()) for topics in noted.values()) == 600
        overlapping = await noted_offsets(place.bootstrap, place.topics)
        assert sum(sum(topics.values()) for topics in overlapping.values()) == 0
        built = await place.built_anew(events, overlapping)
        assert await digest(place.views.scan(built, "cards")) == await digest(
            place.views.scan(place.now, "cards")
        )
        await place.views.flip(built)
        await place.publish(9, 100)

        async def taken_over() -> bool:
            return await place.stored(built) == 700

        await eventually(taken_over, timeout=30)
    log = await whole_log(place.bootstrap, place.topics)
    live = await live_rows(place.views.scan(built, "cards"))
    assert live == replay_log(place.projection, log)["cards"]


async def test_with_the_broker_gone_a_member_waits_and_still_stops_at_once(tmp_path: Path) -> None:
    broker = await start_kafka(tmp_path / "kafka", None)
    try:
        topics = await new_topics(broker.address, [2])
        source = KafkaSource(ConsumerSettings(broker.address, "gone", topics, session_s=SESSION_S))
        one = Projector(source, MemoryViews(), goal_cards(topics), SystemClock())
        stop = asyncio.Event()
        task = asyncio.create_task(one.run(stop))
        await eventually(lambda: len(one.owned) == 2, timeout=30)
    finally:
        await broker.stop()
    assert not task.done()
    stop.set()
    watch = Stopwatch()
    await asyncio.wait_for(task, HANGS)
    assert watch.seconds() < 15
