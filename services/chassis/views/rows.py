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
from services.chassis.views.parked import MOST_OPEN, Mark, Parked
from services.chassis.views.projection import Row


class StoreDown(Exception):
    """The store did not answer, or its outcome is unknown; nothing in memory can be
    trusted any more. The same work may succeed later."""


class RowFull(InvalidEvent):
    """The store takes no row as large as this one would become."""

    def __init__(self, collection: str, row: str) -> None:
        super().__init__("the row is full")
        self.collection, self.row = collection, row


def agree(group: str, known: Iterable[Terms], terms: Terms) -> None:
    """Whether a member may claim fences that have these terms (0 partitions: unknown).
    Raises TopicsDiffer, Superseded."""
    for one in known:
        if one.partitions not in (0, terms.partitions):
            raise TopicsDiffer(
                f"all topics have {terms.partitions} partitions, but {group} was built when they "
                f"had {one.partitions}: what is about one key lies in two of them, and its row "
                "would have two writers. Restart every process, wait for ten minutes, then run "
                "`tandem views rebuild` for each view"
            )
        if one.topics > terms.topics:
            raise Superseded(
                f"{group} is kept by members with a newer list of topics, {one.topics}: this one "
                f"has {terms.topics}"
            )


class Outcome(enum.Enum):
    COMMITTED = "committed"
    # nothing was changed: another member owns a partition number now, or a row is gone
    FENCED = "fenced"
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
class Builds:
    """Those of a group that are there: the one in use, the last one begun that has not come into
    use, and all others, by number. `alone`: none of the others may stay."""

    current: Generation
    making: Generation | None
    others: Sequence[Generation]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a member reads: so many partitions of each topic, and which list of topics."""

    partitions: int
    topics: int = 1


class Superseded(Exception):
    """A member with a newer list of topics has claimed a partition number."""


@dataclass(frozen=True, slots=True)
class Fence:
    """Who may write the rows of a partition number: whoever knows `rev`. `positions` are
    the next offsets by topic, stored with the rows; `topics` is the list that they are of."""

    rev: int
    positions: Mapping[str, int]
    topics: int = 1


@dataclass(frozen=True, slots=True)
class Reported:
    """Up to when all that was published is in the rows of each of so many `partitions`, by number:
    of those that have been told of."""

    partitions: int
    as_of: Mapping[int, datetime]

    @property
    def oldest(self) -> datetime | None:
        """The oldest; None when one never reported."""
        told = self.as_of.values()
        return min(told) if told and len(told) >= self.partitions else None


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a row by `$set` path, and paths to remove. Only a `new` row, of which `sets`
    is all there is, is created where it is missing: anything less would be half a row."""

    collection: str
    row: str
    sets: Mapping[str, Any]
    unsets: tuple[str, ...] = ()
    new: bool = False


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
        """A build that nobody has used yet. It counts as in the making until it comes into use or
        is dropped, or another is begun."""

    async def builds(self, name: str) -> Builds:
        """2 reads."""

    async def come_into_use(self, generation: Generation, alone: bool) -> bool:
        """Flip to a build in the making; False, and nothing is changed, where it is not that any
        more. `alone`: it is noted that no other may stay, for `drop_unwanted`."""

    async def flip(self, generation: Generation) -> bool:
        """Let readers and projectors use this build; projectors notice within seconds. False, and
        nothing is changed, unless it is whole or in the making, and another one may stay beside the
        one in use. One that has come into use is whole until it is to be dropped, however far that
        has got."""

    async def drop(self, generation: Generation, collections: Iterable[str]) -> bool:
        """Take away all there is of a build: rows, fences, parked messages, freshness; it counts as
        there until all is gone, but nobody goes to it any more from the beginning on. Nothing of
        who had its fences lands any more. False, and nothing is done, where it is in use. Its
        number is not given again."""

    async def drop_others(self, generation: Generation, collections: Iterable[str]) -> None:
        """Take away all builds but this one and the one in the making, so that nobody goes to
        them; nothing where this one is not in use. 2 reads where there are none."""

    async def drop_unwanted(self, generation: Generation, collections: Iterable[str]) -> None:
        """`drop_others` where this one has come into use alone, and that is not done yet. 2 reads
        otherwise."""

    async def erased_districts(self) -> Mapping[str, datetime]:
        """Those of which everything was erased, and when: see `erased`. 1 read."""

    async def claim(self, group: str, numbers: Iterable[int], terms: Terms) -> Mapping[int, Fence]:
        """Take over partition numbers: end the transactions of the member that had them,
        raise each rev, note the terms, and give the fences as they are then. Raises, and ends
        and raises nothing of anybody else's, TopicsDiffer where the view was built with
        another number of partitions, Superseded where a fence has a newer list of topics:
        else two groups would end each other's transactions for as long as both run."""

    async def fences(self, group: str, numbers: Iterable[int]) -> Mapping[int, Fence]:
        """Those that were claimed before, as they are."""

    async def load(
        self, generation: Generation, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], Row]:
        """Rows by (collection, id); 1 read per collection."""

    async def commit(self, batch: Batch) -> Outcome:
        """All of the batch, or nothing: FENCED also where a row that is not `new` is missing.
        Never raises for an unknown outcome. Raises RowFull, and then nothing was changed."""

    async def open_parked(
        self, group: str, numbers: Iterable[int], most: int = MOST_OPEN
    ) -> Sequence[Parked]:
        """Parked messages of these numbers that are not settled, without their bytes: the newest,
        at most so many."""

    async def count_parked(self, group: str, numbers: Iterable[int]) -> Mapping[str, int]:
        """How many there are of them, by district."""

    async def to_redrive(
        self, group: str, numbers: Iterable[int], due: Sequence[str], most: int
    ) -> Sequence[Parked]:
        """Those, at most so many, that somebody asked to be redriven or that are `due`."""

    async def report(self, group: str, partitions: int, as_of: Mapping[int, datetime]) -> None:
        """Note for each number that everything published before an instant is in the rows."""

    async def reported(self, group: str) -> Reported:
        """What was noted so; of 0 partitions, where nothing was."""

    async def freshness(self, group: str) -> datetime | None:
        """The oldest such instant over all partition numbers; None when one never reported."""

    async def count(self, generation: Generation, collection: str) -> int:
        """How many rows a collection has."""

    def scan(self, generation: Generation, collection: str) -> AsyncIterator[Row]:
        """All rows of a collection, by id."""
