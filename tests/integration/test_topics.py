"""Topics are made once, as they must be, and a wrong one is named."""

from uuid import uuid4

import pytest

from services.chassis.log.admin import KafkaUnavailable, kafka_admin
from services.chassis.log.source import TopicsDiffer
from services.chassis.log.topics import ensure_topics, topic_configs
from services.ctl.engines import Engines
from tests.support.waiting import eventually


@pytest.fixture
def kafka(engines: Engines) -> str:
    return engines.kafka_bootstrap_servers


def names(count: int) -> list[str]:
    return [f"topics.{uuid4().hex}" for _ in range(count)]


async def partitions(kafka: str, name: str) -> int | None:
    async with kafka_admin(kafka) as admin:
        return (await admin.partitions()).get(name)


async def test_missing_topics_are_made_and_the_rest_left_alone(kafka: str) -> None:
    one, two = names(2)

    async def has(name: str, count: int | None) -> None:
        async def made() -> bool:
            return await partitions(kafka, name) == count

        await eventually(made)

    assert await ensure_topics(kafka, [one], dry_run=True) == [one]
    assert await partitions(kafka, one) is None
    assert await ensure_topics(kafka, [one]) == [one]
    await has(one, 12)
    assert await ensure_topics(kafka, [one, two]) == [two]
    await has(two, 12)
    assert await ensure_topics(kafka, [one, two]) == []


async def test_another_number_of_partitions_is_an_error_that_says_which(kafka: str) -> None:
    wrong, missing = names(2)
    await ensure_topics(kafka, [wrong], partitions=3)

    async def there() -> bool:
        return await partitions(kafka, wrong) == 3

    await eventually(there)
    with pytest.raises(TopicsDiffer, match=f"12 partitions, but {wrong} has 3"):
        await ensure_topics(kafka, [wrong, missing])
    assert await partitions(kafka, missing) is None


async def test_a_cluster_that_is_away_is_told_in_time(unused_tcp_port: int) -> None:
    with pytest.raises(KafkaUnavailable):
        await ensure_topics(f"127.0.0.1:{unused_tcp_port}", ["any"])


@pytest.mark.parametrize(("replicas", "least"), [(1, "1"), (2, "2"), (3, "2")])
def test_a_replicated_topic_needs_two_replicas_in_sync(replicas: int, least: str) -> None:
    assert topic_configs(replicas) == {
        "cleanup.policy": "delete",
        "retention.ms": "3024000000",
        "min.insync.replicas": least,
    }
