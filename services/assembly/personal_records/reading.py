"""Reading what a service holds about a person: its records with what has left them and their
events, and what she is typing. A page at a time; nothing of it stays in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from services.assembly.data_schedule import PersonalPart, data_schedule
from services.assembly.personal_records.domain import (
    NotAPlace,
    PersonalRecord,
    Read,
    RecordPart,
    Section,
    Whose,
    as_json,
    number_of,
    only,
    stands_for,
    without,
)
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Journal, ended
from services.chassis.write.drafts import EACH, Draft, Drafts
from services.chassis.write.entries import AT_ONCE, MOST, Entries
from services.chassis.write.states import AggregateCodec
from services.chassis.write.write_path import WritePath

PERSONAL = "list_personal_records"  # the operation; it waits for those of people at work
EVENTS = 100  # of a record, that are read at once
_RECORD, _EVENT = "r", "j"  # how far a record is read; before its entries, and behind them
_BETWEEN = "|"  # no id has it
_OVER = "!"  # in place of one that a store knows, behind the last record


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """One kind of records: where they are, in which order they are found (an index holds each of
    its roles in it), and what has left them, by its kind."""

    codec: AggregateCodec[Any]
    path: WritePath[Any]
    by: ByDate | None = None
    entries: Mapping[str, Entries[Any]] | None = None


def sections_of(
    service: str, journal: Journal, kept: Sequence[PersonalKind], drafts: Drafts | None = None
) -> list[Section]:
    """All that a service holds of people by the data schedule. Raises ValueError where that names
    other kinds than are `kept`."""
    records = {
        name.partition("/")[2]: record
        for name, record in data_schedule().records.items()
        if name.partition("/")[0] == service and record.personal
    }
    here = {each.codec.kind: each for each in kept}
    if here.keys() != records.keys():
        wrong = ", ".join(sorted(here.keys() ^ records.keys()))
        raise ValueError(f"{service}: the data schedule and what is kept differ: {wrong}")
    sections: list[Section] = [
        Records(here[kind], journal, role, part, record.withheld, record.told)
        for kind, record in records.items()
        for role, part in record.personal.items()
    ]
    return sections if drafts is None else [*sections, Typed(drafts)]


@dataclass(frozen=True, slots=True)
class Records:
    """Those of one kind that name her in the field `role`. A place is where the list of them goes
    on before the one that is read, its id, and how far in it; one is the end, behind a last record
    that cannot be read."""

    keeps: PersonalKind
    journal: Journal
    role: str
    part: PersonalPart
    withheld: Mapping[str, str]
    told: Sequence[str]

    async def read(self, whose: Whose, after: str) -> AsyncIterator[Read]:
        before, id_, within = _places(after)
        while before != _OVER:
            wanted = {self.role: whose.person}
            path, by = self.keeps.path, self.keeps.by
            found = await path.find(whose.district, wanted, before, 1, by)
            for record in found.items:
                begun = within if record.id == id_ else ""
                async for thing, place in self._of(whose, record, begun):
                    yield thing, _BETWEEN.join((before, record.id, place))
            if found.left_out:
                yield None, _BETWEEN.join((found.after or _OVER, "", ""))
            if not found.after:
                return
            before, within = found.after, ""

    async def _of(self, whose: Whose, record: Any, begun: str) -> AsyncIterator[Read]:
        """A record, what has left it, the newest first, and its events."""
        stage, _, at = begun.partition(":")
        entries = self.keeps.entries or {}
        stages = ["", _RECORD, *entries, _EVENT]
        if stage not in stages:
            raise NotAPlace
        done = stages.index(stage)
        if done == 0:
            yield self._record(record), _RECORD
        if not self.part.shown:
            for kind, left in entries.items():
                if stages.index(kind) >= done:
                    below = number_of(at) if stage == kind else MOST
                    async for thing in self._left(whose, record.id, kind, left, below):
                        yield thing, f"{kind}:{thing.number}"
            events = self._some_events if self.told else self._events
            async for event, place in events(whose, record.id, at if stage == _EVENT else ""):
                yield event, f"{_EVENT}:{place}"

    def _record(self, record: Any) -> PersonalRecord:
        state = self.keeps.codec.to_state(record)
        shown = self.part.shown
        mine = only(state, shown) if shown else without(state, self.withheld.keys())
        of = stands_for(record.id) if shown else record.id
        version = 0 if self.told else record.version
        return self._thing(RecordPart.RECORD, of, version, as_json(mine))

    def _thing(
        self, part: RecordPart, of: str, number: int, content: str, kind: str = "", at: Any = None
    ) -> PersonalRecord:
        return PersonalRecord(
            part, kind or self.keeps.codec.kind, self.role, of, number, at, content
        )

    async def _left(
        self, whose: Whose, of: str, kind: str, left: Entries[Any], below: int
    ) -> AsyncIterator[PersonalRecord]:
        while True:
            found = await left.find(whose.district, of, below, AT_ONCE)
            for each in found.items:
                content = as_json({"part": each.part})
                yield self._thing(RecordPart.ENTRY, of, each.number, content, kind)
            if not found.after:
                return
            below = int(found.after)

    async def _some_events(
        self, whose: Whose, of: str, after: str
    ) -> AsyncIterator[tuple[PersonalRecord, str]]:
        """Those that are told of this kind, counted by themselves, in the place as well: neither
        says how many others there were."""
        number, done = 0, number_of(after or "0")
        async for event, _ in self._events(whose, of, ""):
            if json.loads(event.content)["type"].rpartition(".")[2] in self.told:
                number += 1
                if number > done:
                    yield replace(event, number=number), str(number)

    async def _events(
        self, whose: Whose, of: str, after: str
    ) -> AsyncIterator[tuple[PersonalRecord, str]]:
        while True:
            found = await self.journal.read(whose.district, None, after, EVENTS, of)
            for each in found:
                event = each.event
                dated = {} if event.made_at is None else {"made_at": event.made_at}
                content = as_json({"type": event.type, **dated})
                told = self._thing(
                    RecordPart.EVENT, of, event.version, content, at=event.occurred_at
                )
                yield told, each.id
            if ended(found, EVENTS):
                return
            after = found[-1].id


@dataclass(frozen=True, slots=True)
class Typed:
    """Her drafts, by id; what is typed in them she alone is told. Those of a newer build come
    first: a place says how many of them were counted, before there is an id."""

    drafts: Drafts

    async def read(self, whose: Whose, after: str) -> AsyncIterator[Read]:
        hers, left_out = await self._all_of(whose)
        begun = 0 if not after else number_of(after[1:]) if after[0] == _OVER else left_out
        for number in range(begun, left_out):
            yield None, f"{_OVER}{number + 1}"
        for each in hers:
            if each.id <= after:
                continue
            told: dict[str, Any] = {"begun_at": each.begun_at, "kept_until": each.kept_until}
            if whose.own:
                whole = await self.drafts.get(whose.district, whose.person, each.id)
                if whole is None:  # sent, or thrown away, a moment ago
                    continue
                texts = [{"name": text.name, "text": text.text} for text in whole.texts]
                told |= {"about": each.about, "person": each.person, "texts": texts}
            content, part = as_json(told), RecordPart.DRAFT
            yield (
                PersonalRecord(
                    part, each.kind, "author", each.id, each.version, each.saved_at, content
                ),
                each.id,
            )

    async def _all_of(self, whose: Whose) -> tuple[list[Draft], int]:
        """By id, and how many more a newer build has stored."""
        hers: list[Draft] = []
        left_out, place = 0, ""
        for _ in range(EACH):  # an author has no more, or hardly
            asked = (whose.district, whose.person, None, None)
            found = await self.drafts.find(*asked, place, EACH)
            hers += found.drafts
            left_out, place = left_out + found.left_out, found.after
            if not place:
                break
        return sorted(hers, key=attrgetter("id")), left_out


def _places(after: str) -> tuple[str, str, str]:
    if not after:
        return "", "", ""
    found = after.split(_BETWEEN)
    if len(found) != len(("before", "id", "within")):
        raise NotAPlace
    return found[0], found[1], found[2]
