"""A real Kafka of which one partition has no leader, as where all its replicas are down: the client
is told so, and asks, waits and is refused as it is there."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata

from services.chassis.log import held
from services.chassis.mongo import Database
from services.ctl.engines import Engines
from tests.support.kafka import new_topics, whole_log
from tests.support.projected import Projected
from tests.support.waiting import eventually

PARTITIONS, EVENTS = 6, 1_000
NO_LEADER = -1


def without_leader(monkeypatch: pytest.MonkeyPatch, dead: set[TopicPartition]) -> None:
    """Those that are in `dead` at the time."""
    known = ClusterMetadata.leader_for_partition

    def leader(cluster: ClusterMetadata, tp: TopicPartition) -> int | None:
        found: int | None = NO_LEADER if tp in dead else known(cluster, tp)
        return found

    monkeypatch.setattr(ClusterMetadata, "leader_for_partition", leader)
    monkeypatch.setattr(held, "AGAIN_S", 0.2)


async def test_it_holds_up_no_other_and_is_read_once_it_has_one_again(
    engines: Engines, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = await new_topics(engines.kafka_bootstrap_servers, [PARTITIONS, PARTITIONS])
    place = Projected(engines, topics, db)
    await place.publish(1, EVENTS)
    log = await whole_log(place.bootstrap, topics)
    dead = {TopicPartition(topics[0], 1)}
    of_others = sum(record.partition != 1 for record in log)
    assert 0 < of_others < EVENTS
    without_leader(monkeypatch, dead)
    async with place.running() as one:
        await eventually(lambda: one.counts.records == of_others, timeout=60)
        assert one.owned == frozenset(range(PARTITIONS))
        assert not await place.views.freshness(place.now.group)  # of all rows nobody can say it
        assert one.counts.claims == 1
        dead.clear()
        await eventually(lambda: one.counts.records == EVENTS, timeout=60)
        assert (one.counts.claims, one.counts.restarts) == (1, 0)

        async def fresh() -> bool:
            return await place.views.freshness(place.now.group) is not None

        await eventually(fresh, timeout=30)
    await place.agrees()


async def test_a_member_of_which_no_partition_has_one_stays_and_reads_once_they_have(
    engines: Engines, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = await new_topics(engines.kafka_bootstrap_servers, [PARTITIONS, PARTITIONS])
    place = Projected(engines, topics, db)
    await place.publish(1, EVENTS)
    dead = {TopicPartition(topics[0], number) for number in range(PARTITIONS)}
    without_leader(monkeypatch, dead)
    async with place.running(seek_s=1.0) as one:
        await eventually(lambda: one.silent == frozenset(range(PARTITIONS)), timeout=60)
        dead.clear()
        await eventually(lambda: one.counts.records == EVENTS, timeout=60)
        assert (one.counts.claims, one.counts.restarts, one.silent) == (1, 0, frozenset())
    await place.agrees()
