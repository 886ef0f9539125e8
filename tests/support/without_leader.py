"""A service to which some partitions of Kafka have no leader, as where all their replicas are down:
`python -m tests.support.without_leader SERVICE TOPIC NUMBER...`."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Collection

from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata

NO_LEADER = -1


def lose(topic: str, numbers: Collection[int]) -> None:
    known = ClusterMetadata.leader_for_partition

    def leader(cluster: ClusterMetadata, partition: TopicPartition) -> int | None:
        lost = partition.topic == topic and partition.partition in numbers
        found: int | None = NO_LEADER if lost else known(cluster, partition)
        return found

    ClusterMetadata.leader_for_partition = leader


if __name__ == "__main__":
    service, topic, *numbers = sys.argv[1:]
    lose(topic, {int(each) for each in numbers})
    runpy.run_module(f"services.{service}", run_name="__main__")
