"""The store of a projector's rows, fences and parked messages: a port with two adapters
(`mongo_views.MongoViews`, `memory_views.MemoryViews`), held to one conformance suite."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.chassis.log.source import TopicsDiffer
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.parked import Mark, Parked
from services.chassis.views.projection import Row


class StoreDown(Exception):
    """The store did not answer, or its outcome is unknown; nothing in memory can be
    trusted any more. The same work may succeed later."""


class RowFull(InvalidEvent):
    """The store takes no row as large as this one would become."""

    def __init__(self, collection: str, row: str) -> None:
        super().__init__("the row is full")
        self.collection, self.row = collection, row


def same_partitions(group: str, built_with: Iterable[int | None], partitions: int) -> None:
    """Raises TopicsDiffer; None is what was stored before the number was."""
    for known in built_with:
        if known not in (None, partitions):
            raise TopicsDiffer(
                f"all topics have {partitions} partitions, but {group} was built when they had "
                f"{known}: what is about one key lies in two of them, and its row would have two "
                "writers. Restart every process, wait for ten minutes, then run `tandem views "
                "rebuild` for each view"
            )


class Outcome(enum.Enum):
    COMMITTED = "committed"
    FENCED = "fenced"  # another member owns a partition number now; nothing was changed
    UNKNOWN = "unknown"  # it may have landed, may yet land before the next claim, or never


@dataclass(frozen=True, slots=True)
class Generation:
    """One build of a group's views. Generation 0 has the plain collection names; `group`
    keys the generation's fences, parked messages and freshness."""

    name: str
    number: int

    @property
    def group(self) -> str:
        return f"{self.name}.{self.number}"

    def collection(self, base: str) -> str:
        return f"{base}_{self.number}" if self.number else base


@dataclass(frozen=True, slots=True)
class Fence:
    """Who may write the rows of a partition number: whoever knows `rev`. `positions` are
    the next offsets by topic, stored with the rows."""

    rev: int
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a row by `$set` path, and paths to remove. The row is created where it
    is missing."""

    collection: str
    row: str
    sets: Mapping[str, Any]
    unsets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one transaction changes. `fences` hold the expected rev and the positions
    to store; a commit raises each rev by one."""

    generation: Generation
    fences: Mapping[int, Fence]
    changes: Sequence[Change] = ()
    parked: Sequence[Parked] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict)


class Views(Protocol):
    """Every method may raise StoreDown. Reads are majority reads from the primary."""

    async def generation(self, name: str) -> Generation:
        """The build that readers see now."""

    async def next_generation(self, name: str) -> Generation:
        """A build that nobody has used yet."""

    async def flip(self, generation: Generation) -> None:
        """Let readers and projectors use this build; projectors notice within seconds."""

    async def claim(
        self, group: str, numbers: Iterable[int], partitions: int
    ) -> Mapping[int, Fence]:
        """Take over partition numbers, of so many of each topic: end the transactions of the
        member that had them, raise each rev, and give the fences as they are then. Raises
        TopicsDiffer, and changes nothing, where the view was built with another number."""

    async def revs(self, group: str, numbers: Iterable[int]) -> Mapping[int, int]: ...

    async def load(
        self, generation: Generation, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], Row]:
        """Rows by (collection, id); 1 read per collection."""

    async def commit(self, batch: Batch) -> Outcome:
        """All of the batch, or nothing. Never raises for an unknown outcome. Raises RowFull,
        and then nothing was changed."""

    async def open_parked(self, group: str, numbers: Iterable[int]) -> Sequence[Parked]:
        """Parked messages of these numbers that are not settled, by id, without their bytes;
        at most `parked.MOST_OPEN`."""

    async def to_redrive(
        self, group: str, numbers: Iterable[int], due: Sequence[str], most: int
    ) -> Sequence[Parked]:
        """Those, at most so many, that somebody asked to be redriven or that are `due`."""

    async def report(self, group: str, partitions: int, as_of: Mapping[int, datetime]) -> None:
        """Note for each number that everything published before an instant is in the rows."""

    async def freshness(self, group: str) -> datetime | None:
        """The oldest such instant over all partition numbers; None when one never reported."""

    def scan(self, generation: Generation, collection: str) -> AsyncIterator[Row]:
        """All rows of a collection, by id."""
