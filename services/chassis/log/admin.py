"""The one place that imports aiokafka's admin client: topics, groups' members, brokers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownMemberIdError,
    for_code,
)
from aiokafka.protocol.group import LeaveGroupRequest

from services.chassis.kernel import OperatorError
from services.chassis.log.connections import Proof, mend_connections

SECONDS = 10.0


class KafkaUnavailable(OperatorError):
    """The cluster does not answer in time, or refuses: the text says which."""


@dataclass(frozen=True, slots=True)
class TopicSeen:
    """A topic as the cluster has it. `replicas`: the fewest of a partition; `behind`: partitions
    of which not every replica is in sync."""

    partitions: int
    replicas: int
    behind: int


class KafkaAdmin:
    """Made by `kafka_admin`. Every method raises KafkaUnavailable."""

    def __init__(self, client: Any, proof: Proof) -> None:
        self._client = client
        self._proof = proof

    async def brokers(self) -> int:
        cluster = await _asked(self._proof, self._client.describe_cluster())
        return len(cluster["brokers"])

    async def partitions(self) -> Mapping[str, int]:
        """Each topic's number of partitions."""
        topics = await _asked(self._proof, self._client.describe_topics())
        return {topic["topic"]: len(topic["partitions"]) for topic in topics}

    async def topics(self) -> Mapping[str, TopicSeen]:
        """Those that this user may see."""
        topics = await _asked(self._proof, self._client.describe_topics())
        return {topic["topic"]: _seen(topic["partitions"]) for topic in topics}

    async def configs(self, topic: str) -> Mapping[str, str] | None:
        """The settings of a topic as they count; None where this user may not read them."""
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic)]
        (answer,) = await _asked(self._proof, self._client.describe_configs(asked))
        ((code, text, _, _, entries),) = answer.resources
        error = for_code(code)
        if error is TopicAuthorizationFailedError:
            return None
        if code:
            raise KafkaUnavailable(f"topic {topic}: {error.__name__}: {text or ''}")
        return {name: value for name, value, *_ in entries if value is not None}

    async def create(
        self, names: Sequence[str], partitions: int, replicas: int, configs: Mapping[str, str]
    ) -> None:
        """Make topics; one that somebody else has just made is left alone."""
        wanted = [NewTopic(name, partitions, replicas, topic_configs=configs) for name in names]
        answer = await _asked(self._proof, self._client.create_topics(wanted))
        for name, code, *text in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise KafkaUnavailable(f"topic {name}: {error.__name__}: {text[0] if text else ''}")

    async def remove_member(self, group: str, member: str) -> None:
        """Take a member out of a consumer group; one that is not in it is none."""
        coordinator = await _asked(self._proof, self._client.find_coordinator(group))
        request = LeaveGroupRequest(group, member)
        sent = self._client._send_request_to_node(coordinator, request)
        error = for_code((await _asked(self._proof, sent)).error_code)
        if error not in (NoError, UnknownMemberIdError):
            raise KafkaUnavailable(f"group {group}: {error.__name__}")


@asynccontextmanager
async def kafka_admin(bootstrap: str, proof: Proof | None = None) -> AsyncIterator[KafkaAdmin]:
    """An admin client; `proof` as for `KafkaProducer`. Raises KafkaUnavailable."""
    mend_connections()
    proof = proof or Proof()
    client = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap, request_timeout_ms=int(SECONDS * 1000), **proof.options()
    )
    try:
        await _asked(proof, client.start())
        yield KafkaAdmin(client, proof)
    finally:
        await client.close()


def _seen(partitions: Sequence[Mapping[str, Any]]) -> TopicSeen:
    return TopicSeen(
        partitions=len(partitions),
        replicas=min((len(each["replicas"]) for each in partitions), default=0),
        behind=sum(len(each["isr"]) < len(each["replicas"]) for each in partitions),
    )


async def _asked(proof: Proof, answer: Any) -> Any:
    try:
        async with asyncio.timeout(SECONDS):
            return await answer
    except (KafkaError, OSError) as error:  # TimeoutError is an OSError
        raise KafkaUnavailable(proof.said(error)) from error
