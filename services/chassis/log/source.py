"""Where a projector's records come from: a port with two adapters (`consumer.KafkaSource`
and `memory_source.MemorySource`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.chassis.kernel import OperatorError
from services.chassis.log.envelope import Record

Positions = Mapping[int, Mapping[str, int]]
"""Next offset to read, by partition number and topic."""


def left(positions: Positions, ends: Positions) -> int:
    """How many records lie before these ends and not before these positions."""
    return sum(
        max(end - positions.get(number, {}).get(topic, 0), 0)
        for number, topics in ends.items()
        for topic, end in topics.items()
    )


class SourceDown(Exception):
    """The log cannot be read now; the same call may succeed later."""


class SourceStalled(OperatorError):
    """The consumer was made anew and still fetches nothing: the process should end."""


class TopicsDiffer(OperatorError):
    """Partition counts or assignments differ between topics, or from those that a view was built
    with: a row would have two writers."""


class HistoryLost(OperatorError):
    """The log does not hold the next record wanted, or ends before it: rebuild the views."""


class Source(Protocol):
    """A member of a consumer group over several topics of equal partition counts. A
    partition number is owned for all topics together.

    The assignment may change at any time. That only raises a flag: the caller looks at
    `changed` after every fetch and, when it is up, drops what it fetched, and seeks again.
    """

    @property
    def changed(self) -> bool:
        """Whether the assignment changed since `take_assignment`."""

    def take_assignment(self) -> frozenset[int]:
        """The partition numbers owned now; lowers the flag. Raises TopicsDiffer, SourceDown."""

    @property
    def partitions(self) -> int:
        """Partitions of each topic, at the last `start` or `take_assignment`; 0 before."""

    async def start(self) -> None:
        """Join the group, or join it anew. Raises SourceDown, TopicsDiffer."""

    async def seek(self, positions: Positions) -> None:
        """Go on from these offsets on every topic of these numbers; a topic without one is
        read from offset 0. A number that does not answer now is `silent`, and gone on with once it
        does: no other waits for it. Raises SourceDown where the log refuses all, and HistoryLost
        when it begins later or ends before."""

    @property
    def silent(self) -> frozenset[int]:
        """Of the numbers sought those that have not answered yet."""

    async def fetch(self, most: int, ahead: int, wait: float) -> Sequence[Record]:
        """At most so many records, in order of offset within each partition, as soon as there
        are any, after at most about `wait` seconds. Of a backlog about `ahead` more may be
        under way, in memory. Raises SourceDown, and HistoryLost of a number that could not be
        asked when it was sought."""

    def behind(self, positions: Positions) -> int:
        """Records known to be in the log past these positions."""

    def caught_up_at(self, number: int, positions: Mapping[str, int]) -> datetime | None:
        """The last instant at which these positions were seen to be the end of every
        topic's partition; None when they are not."""

    def fetched_at(self) -> datetime | None:
        """When the log last answered a fetch, on any owned partition."""

    def show(self, positions: Positions) -> None:
        """Tell the group's lag displays, in the background; errors are ignored."""

    async def stop(self) -> None:
        """Leave the group. Bounded, also when the log is down; safe to call again."""
