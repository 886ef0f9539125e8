"""The twin of `mongo_views` in memory, for tests: the same conformance suite holds both."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

from services.chassis.views.parked import (
    DISCARDED,
    MOST_OPEN,
    OPEN,
    REDRIVE,
    RESOLVED,
    UNSETTLED,
    Name,
    Parked,
    emptied,
    name_of,
)
from services.chassis.views.projection import Row
from services.chassis.views.rows import (
    Batch,
    Builds,
    Change,
    Fence,
    Generation,
    Outcome,
    Reported,
    RowFull,
    StoreDown,
    Terms,
    agree,
)

LARGEST = 16 * 1024 * 1024
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


def stored(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy as MongoDB would give it back."""
    return bson.decode(bson.encode(document), _OPTIONS)


class MemoryViews:
    """`hook` is called with `claim`, `load`, `drop`, `commit.before` and `commit.after` and may
    raise: StoreDown around a commit makes its outcome unknown, before or after it landed."""

    def __init__(self, hook: Callable[[str], None] = lambda _: None) -> None:
        self.rows: dict[str, dict[str, Row]] = {}
        self.held: dict[tuple[str, int], Fence] = {}
        self.parked: dict[str, Parked] = {}
        self._partitions: dict[str, int] = {}
        self._current: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._making: dict[str, int] = {}
        self._alone: set[str] = set()
        self._whole: dict[str, set[int]] = {}
        self._reports: dict[str, tuple[int, dict[int, datetime]]] = {}
        self.erased: dict[str, datetime] = {}
        self._hook = hook

    async def generation(self, name: str) -> Generation:
        return Generation(name, self._current.get(name, 0))

    async def erased_districts(self) -> Mapping[str, datetime]:
        return dict(self.erased)

    async def next_generation(self, name: str) -> Generation:
        self._begun(name)
        self._last[name] = self._making[name] = self._last.get(name, 0) + 1
        return Generation(name, self._last[name])

    async def builds(self, name: str) -> Builds:
        there = {group for group, _ in self.held}
        current, making = self._current.get(name, 0), self._making.get(name)
        last = max(self._last.get(name, 0), current)
        found = [Generation(name, number) for number in range(last + 1)]
        found = [each for each in found if each.group in there]
        return Builds(
            Generation(name, current),
            next((each for each in found if each.number == making != current), None),
            [each for each in found if each.number not in (current, making)],
            name in self._alone,
        )

    async def come_into_use(self, generation: Generation, alone: bool) -> bool:
        name, number = generation.name, generation.number
        if self._making.get(name) != number:
            return False
        self._current[name] = self._making.pop(name)
        self._begun(name).add(number)
        if alone:
            self._alone.add(name)
        return True

    async def flip(self, generation: Generation) -> bool:
        name, number = generation.name, generation.number
        whole = number in self._whole.get(name, {number})
        if name in self._alone or not (whole or self._making.get(name) == number):
            return False
        self._begun(name).add(number)
        self._current[name] = number
        self._last[name] = max(self._last.get(name, 0), number)
        return True

    async def drop(self, generation: Generation, collections: Iterable[str]) -> bool:
        if generation == await self.generation(generation.name):
            return False
        group, name, number = generation.group, generation.name, generation.number
        self._begun(name).discard(number)
        if self._making.get(name) == number:
            del self._making[name]
        self._hook("drop")
        for base in collections:
            self.rows.pop(generation.collection(base), None)
        self.held = {key: fence for key, fence in self.held.items() if key[0] != group}
        self.parked = {key: one for key, one in self.parked.items() if one.group != group}
        self._partitions.pop(group, None)
        self._reports.pop(group, None)
        return True

    def _begun(self, name: str) -> set[int]:
        """The builds that are whole; at first, all."""
        return self._whole.setdefault(name, set(range(self._last.get(name, 0) + 1)))

    async def drop_others(self, generation: Generation, collections: Iterable[str]) -> None:
        builds = await self.builds(generation.name)
        if generation == builds.current:
            for each in builds.others:
                await self.drop(each, collections)  # none comes into use meanwhile
            self._alone.discard(generation.name)

    async def drop_unwanted(self, generation: Generation, collections: Iterable[str]) -> None:
        if generation.name in self._alone:
            await self.drop_others(generation, collections)

    async def claim(self, group: str, numbers: Iterable[int], terms: Terms) -> Mapping[int, Fence]:
        self._hook("claim")
        known = await self.fences(group, numbers)
        built_with = Terms(self._partitions.get(group, 0))
        agree(group, [built_with, *(Terms(0, one.topics) for one in known.values())], terms)
        self._partitions[group] = terms.partitions
        for number in numbers:
            one = known.get(number, Fence(0, {}))
            self.held[group, number] = replace(one, rev=one.rev + 1, topics=terms.topics)
        return await self.fences(group, numbers)

    async def fences(self, group: str, numbers: Iterable[int]) -> Mapping[int, Fence]:
        found = {number: self.held.get((group, number)) for number in numbers}
        return {number: fence for number, fence in found.items() if fence is not None}

    async def load(
        self, generation: Generation, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], Row]:
        self._hook("load")
        return {
            (base, id_): stored(rows[id_])
            for base, ids in wanted.items()
            for rows in [self.rows.get(generation.collection(base), {})]
            for id_ in ids
            if id_ in rows
        }

    async def commit(self, batch: Batch) -> Outcome:
        try:
            self._hook("commit.before")
            outcome = self.land(batch)
            self._hook("commit.after")
        except StoreDown:
            return Outcome.UNKNOWN
        return outcome

    def land(self, batch: Batch) -> Outcome:
        """What the engine does with a commit when it arrives, maybe late."""
        group = batch.generation.group
        for number, fence in batch.fences.items():
            known = self.held.get((group, number))
            if known is None or known.rev != fence.rev:
                return Outcome.FENCED
        changed: dict[tuple[str, str], Row] = {}
        for change in batch.changes:
            place = batch.generation.collection(change.collection), change.row
            row = changed.get(place, self.rows.get(place[0], {}).get(change.row))
            if row is None and not change.new:
                return Outcome.FENCED
            changed[place] = _changed(row or {"_id": change.row}, change)
            if len(bson.encode(changed[place])) > LARGEST:
                raise RowFull(change.collection, change.row)
        for (collection, id_), row in changed.items():
            self.rows.setdefault(collection, {})[id_] = row
        for number, fence in batch.fences.items():
            known = self.held[group, number]
            self.held[group, number] = replace(
                known, rev=fence.rev + 1, positions=dict(fence.positions)
            )
        for parked in batch.parked:
            self.parked.setdefault(parked.id, parked)
        for id_, mark in batch.marks.items():
            if id_ in self.parked and self.parked[id_].state in (OPEN, REDRIVE):
                reason = self.parked[id_].reason if mark.reason is None else mark.reason
                marked = replace(self.parked[id_], state=mark.state, reason=reason)
                self.parked[id_] = emptied(marked) if mark.state == RESOLVED else marked
        return Outcome.COMMITTED

    async def open_parked(
        self, group: str, numbers: Iterable[int], most: int = MOST_OPEN
    ) -> Sequence[Parked]:
        found = self._unsettled(group, numbers)
        newest = sorted(found, key=lambda one: (one.parked_at, one.id), reverse=True)[:most]
        return [replace(one, record=one.record._replace(value=None, headers=())) for one in newest]

    async def count_parked(self, group: str, numbers: Iterable[int]) -> Mapping[str, int]:
        return Counter(one.district for one in self._unsettled(group, numbers))

    async def to_redrive(
        self, group: str, numbers: Iterable[int], due: Sequence[str], most: int
    ) -> Sequence[Parked]:
        found = self._unsettled(group, numbers)
        return [one for one in found if one.state == REDRIVE or one.id in due][:most]

    def _unsettled(self, group: str, numbers: Iterable[int]) -> Sequence[Parked]:
        owned = set(numbers)
        return [one for one in self._of(group, UNSETTLED) if one.record.partition in owned]

    async def list(
        self, name: str, states: Sequence[str] = (OPEN, REDRIVE), limit: int = 1_000
    ) -> Sequence[Parked]:
        return self._of((await self.generation(name)).group, states)[:limit]

    def _of(self, group: str, states: Sequence[str]) -> Sequence[Parked]:
        found = (one for _, one in sorted(self.parked.items()))
        return [one for one in found if one.group == group and one.state in states]

    async def given_up(self, name: str) -> Mapping[Name, str]:
        found = self._of((await self.generation(name)).group, [DISCARDED])
        return {known: one.by for one in found if (known := name_of(one.record)) is not None}

    async def redrive(self, id: str) -> bool:
        return self._move(id, REDRIVE, "")

    async def discard(self, id: str, by: str, now: datetime) -> bool:
        return self._move(id, DISCARDED, by)

    def _move(self, id: str, state: str, by: str) -> bool:
        known = self.parked.get(id)
        if known is None or known.state not in (OPEN, REDRIVE):
            return False
        moved = replace(known, state=state, by=by)
        self.parked[id] = emptied(moved) if state == DISCARDED else moved
        return True

    async def report(self, group: str, partitions: int, as_of: Mapping[int, datetime]) -> None:
        known = self._reports.setdefault(group, (partitions, {}))[1]
        for number, instant in as_of.items():
            known[number] = max(instant, known.get(number, instant))

    async def freshness(self, group: str) -> datetime | None:
        return (await self.reported(group)).oldest

    async def reported(self, group: str) -> Reported:
        partitions, as_of = self._reports.get(group, (0, {}))
        return Reported(partitions, dict(as_of))

    async def count(self, generation: Generation, collection: str) -> int:
        return len(self.rows.get(generation.collection(collection), {}))

    async def scan(self, generation: Generation, collection: str) -> AsyncIterator[Row]:
        for _, row in sorted(self.rows.get(generation.collection(collection), {}).items()):
            yield stored(row)


def _changed(row: Row, change: Change) -> Row:
    result = stored(row)
    for path in change.unsets:
        *parents, name = path.split(".")
        place = result
        for parent in parents:
            place = place.get(parent, {})
        place.pop(name, None)
    for path, value in stored({"sets": [list(pair) for pair in change.sets.items()]})["sets"]:
        *parents, name = path.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return result
