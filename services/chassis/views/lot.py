"""Records that are projected together: what is left of them to fold, and how far they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.chassis.log.envelope import Record
from services.chassis.views.decode import Decoded, ToPark
from services.chassis.views.projection import is_tombstone

LotItem = Decoded | ToPark
Ends = Mapping[tuple[int, str], int]
"""The next offset by partition number and topic; 0 for a record out of a journal."""


class Part(NamedTuple):
    """What one transaction folds and stores: of `records` records the items, and the
    positions after them. `ignored` records are of types that the projection does not fold;
    `erased`: a tombstone is among those of the lot, folded or ignored."""

    items: Sequence[LotItem]
    ends: Ends
    records: int
    ignored: int = 0
    erased: bool = False


class Lot(NamedTuple):
    """Of a lot of records the items, in order: those that have facts and those that are
    refused. Of each the number of records that came before it in the lot."""

    items: Sequence[LotItem]
    before: Sequence[int]
    ends: Ends
    records: int
    ignored: int = 0
    erased: bool = False

    def part(self, start: int, end: int) -> Part:
        """The items from `start` until `end`. What lies between two items belongs to the
        earlier part, but is passed only with the later: that is never too far."""
        first = self.before[start] if start else 0
        items = self.items[start:end]
        if end == len(self.items):
            return Part(items, self.ends, self.records - first, self.ignored, self.erased)
        return Part(items, _ends(items), self.before[end] - first, erased=self.erased)


def number_and_topic(record: Record) -> tuple[int, str]:
    return record.partition, record.topic


def whole(items: Sequence[LotItem]) -> Lot:
    """A lot in which every record is an item."""
    erased = any(isinstance(each, Decoded) and is_tombstone(each.envelope) for each in items)
    return Lot(items, range(len(items)), _ends(items), len(items), erased=erased)


def _ends(items: Sequence[LotItem]) -> Ends:
    return {number_and_topic(item.record): item.record.offset + 1 for item in items}
