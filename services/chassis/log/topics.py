"""How topics are made.

All have the same number of partitions and the same keys, so that a projector which is given
a partition number has all there is about its keys. Retention deletes; compaction would
let a late duplicate of an older version be the one that survives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.chassis.log.admin import kafka_admin
from services.chassis.log.connections import Proof
from services.chassis.log.source import TopicsDiffer

PARTITIONS = 12
RETENTION = timedelta(days=35)
REPLICAS = 3


async def ensure_topics(
    bootstrap: str,
    names: Iterable[str],
    *,
    partitions: int = PARTITIONS,
    dry_run: bool = False,
    proof: Proof | None = None,
) -> Sequence[str]:
    """Make the topics that are missing (none with `dry_run`) and return their names.

    Replicated to 3 brokers, 2 of which must have a record, as far as there are so many.
    Raises source.TopicsDiffer where one exists with another number of partitions, before
    anything is made, and admin.KafkaUnavailable.
    """
    async with kafka_admin(bootstrap, proof) as admin:
        existing = await admin.partitions()
        wanted = list(names)
        differing = [
            f"{name} has {existing[name]}"
            for name in wanted
            if existing.get(name, partitions) != partitions
        ]
        if differing:
            raise TopicsDiffer(
                f"topics must have {partitions} partitions, but {', '.join(differing)}: the "
                "partition of a key follows from this number, so it cannot be changed in "
                "place; delete the topic (its events are in the journal) or set the number"
            )
        missing = [name for name in wanted if name not in existing]
        if missing and not dry_run:
            replicas = min(REPLICAS, await admin.brokers())
            await admin.create(missing, partitions, replicas, topic_configs(replicas))
        return missing


def topic_configs(replicas: int) -> dict[str, str]:
    """Kafka's settings of a topic with so many replicas."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(RETENTION // timedelta(milliseconds=1)),
        "min.insync.replicas": "2" if replicas > 1 else "1",
    }
