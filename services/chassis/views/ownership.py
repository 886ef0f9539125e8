"""What a member knows of the partition numbers that it claimed, and of what is parked there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.chassis.log.envelope import Record
from services.chassis.views.decode import Decoded, ToPark, upgraded
from services.chassis.views.lot import Ends, LotItem
from services.chassis.views.parked import (
    MOST_OPEN,
    OPEN,
    RESOLVED,
    UNSETTLED,
    Mark,
    Parked,
    emptied,
    park,
)
from services.chassis.views.rows import Batch, Fence, Generation, Views

Copy = tuple[str, bytes | None]  # aggregate and key: an event is published once per key


class Ownership:
    """What a member knows of the partition numbers it claimed: good until a commit fails.
    `positions` are those of what is written, `read` runs ahead of them."""

    def __init__(self, generation: Generation, fences: Mapping[int, Fence]) -> None:
        self.generation = generation
        self.revs: dict[int, int] = {number: fence.rev for number, fence in fences.items()}
        self.positions = {number: dict(fence.positions) for number, fence in fences.items()}
        self.read = {number: dict(fence.positions) for number, fence in fences.items()}
        self.parked: dict[str, tuple[Copy, int, str]] = {}  # id -> copy, version, district
        self.due: list[str] = []  # ids of parked messages that waited for this build
        self.beyond: Counter[str] = Counter()  # by district: those parked that are not in `parked`
        self.unsaved: set[int] = set()

    def expected(self, record: Record) -> int:
        return self.read[record.partition].get(record.topic, 0)

    def saw(self, record: Record) -> None:
        self.read[record.partition][record.topic] = record.offset + 1

    def remember(self, parked: Sequence[Parked]) -> None:
        """Parked messages that are not settled: a later good version settles them."""
        self.due += [one.id for one in parked if one.state == OPEN and upgraded(one.reason)]
        self.parked.update(
            (one.id, (copy_of(one), one.version, one.district))
            for one in parked
            if one.state in UNSETTLED
        )

    def count(self, open_: Mapping[str, int]) -> None:
        """How many are not settled, with those that are not remembered: these count, but no newer
        version settles them."""
        self.beyond = Counter(open_) - self._known()

    def tried(self, ids: Sequence[str]) -> None:
        """These are due no more."""
        seen = set(ids)
        self.due = [each for each in self.due if each not in seen]

    def kept(self, parked: Sequence[Parked], most: int) -> list[Parked]:
        """Of messages to be parked those that are kept: of a district at most so many."""
        open_ = self.beyond + self._known()
        kept = []
        for one in parked:
            settled = one.state not in UNSETTLED
            open_[one.district] += not settled
            if settled or open_[one.district] <= most:
                kept.append(one)
        return kept

    def _known(self) -> Counter[str]:
        return Counter(district for _, _, district in self.parked.values())

    def fences_after(self, ends: Ends) -> dict[int, Fence]:
        """The fences to write: expected rev, positions after what is written."""
        after = {number: dict(self.positions[number]) for number, _ in ends}
        for (number, topic), offset in ends.items():
            if offset:
                after[number][topic] = offset
        return {number: Fence(self.revs[number], positions) for number, positions in after.items()}

    def passed(self, batch: Batch) -> None:
        """Records that changed nothing cost no transaction: their positions are stored with
        the next change, or a few seconds later. A successor may read them again, in vain."""
        for number, fence in batch.fences.items():
            self.positions[number] = dict(fence.positions)
        self.unsaved.update(batch.fences)

    def committed(self, batch: Batch) -> None:
        self.unsaved.difference_update(batch.fences)
        for number, fence in batch.fences.items():
            self.revs[number] = fence.rev + 1
            self.positions[number] = dict(fence.positions)
        self.remember(batch.parked)
        for id_, mark in batch.marks.items():
            if mark.state == RESOLVED:
                self.parked.pop(id_, None)


async def owned_of(
    views: Views, generation: Generation, fences: Mapping[int, Fence], most: int = MOST_OPEN
) -> Ownership:
    """What a member of a build has just claimed: 1 read, and 1 more where there are more parked
    messages than it remembers."""
    owned = Ownership(generation, fences)
    newest = await views.open_parked(generation.group, fences, most)
    owned.remember(newest)
    if len(newest) == most:
        owned.count(await views.count_parked(generation.group, fences))
    return owned


def copy_of(parked: Parked) -> Copy:
    return parked.aggregate, parked.record.key


def newest_of(items: Sequence[LotItem], refused: Sequence[ToPark]) -> dict[Copy, int]:
    """The newest good version of each copy in a batch."""
    newest: dict[Copy, int] = {}
    bad = {id(one.record) for one in refused}  # also of items that only their rows refuse
    for item in items:
        if isinstance(item, Decoded) and item.facts and id(item.record) not in bad:
            copy = (item.envelope.aggregate_id, item.record.key)
            newest[copy] = max(newest.get(copy, 0), item.envelope.version)
    return newest


def overtaken(owned: Ownership, newest: Mapping[Copy, int]) -> dict[str, Mark]:
    """Parked messages of which a batch brings the same or a newer version, for the same key."""
    return {
        id_: Mark(RESOLVED)
        for id_, (copy, version, _) in owned.parked.items()
        if copy[0] and newest.get(copy, 0) >= version
    }


def parked_of(
    group: str,
    refused: ToPark,
    newest: Mapping[Copy, int],
    now: datetime,
    decided: Callable[[Parked], Parked],
    overtaken: bool,
) -> Parked:
    parked = park(group, refused.record, refused.envelope, refused.reason, now)
    parked = replace(parked, district=refused.district)
    if overtaken or (parked.aggregate and newest.get(copy_of(parked), 0) >= parked.version):
        return emptied(replace(parked, state=RESOLVED))
    return decided(parked)
