"""The twin in memory of a topic that is followed, held to what Kafka is held to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.chassis.log.envelope import PendingEvent
from services.chassis.log.memory_following import MemoryFollowed
from services.chassis.log.memory_log import MemoryLog
from tests.support.following_suite import PARTITIONS, FollowingSuite, Topic, headers


class TestMemory(FollowingSuite):
    @pytest.fixture
    def topic(self) -> Topic:
        log = MemoryLog(PARTITIONS)

        async def publish(events: Sequence[PendingEvent]) -> None:
            for each in events:
                log.append("t", each.keys[0].encode(), each.data, headers(each))

        async def make_again() -> None:
            log.make_again("t")

        return Topic(MemoryFollowed(log, "t"), publish, make_again)
