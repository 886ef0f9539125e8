"""The twin of `mongo_looks` in memory, for tests: one suite holds both."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import datetime
from itertools import takewhile

from services.chassis.log.source import Positions
from services.chassis.write.loading import Found
from services.privacy.look.domain import (
    ALLOWED,
    FETCHED,
    Disclosed,
    End,
    JournalRead,
    Look,
    PartnerRead,
    ToldLook,
)
from services.privacy.look.looks import (
    MOST_COUNTED,
    MOST_DISCLOSED,
    MOST_READS,
    Filter,
    NumberTaken,
    Old,
    Refusal,
    Whose,
    below,
)


class MemoryLooks:
    """Every method yields to the loop once before it acts."""

    def __init__(self) -> None:
        self._lists: dict[Whose, dict[int, Look]] = {}
        self.erased: dict[str, datetime] = {}
        self._gone: dict[Whose, End] = {}  # the last that went
        self._causes: dict[tuple[str, str], int] = {}
        self._positions: dict[int, dict[str, int]] = {}
        self._refused: dict[str, Refusal] = {}
        self._journals: dict[tuple[str, ...], JournalRead] = {}
        self._reads: dict[tuple[str, str, str, str, str], PartnerRead] = {}

    async def ends(self, whose: Collection[Whose]) -> Mapping[Whose, End]:
        await asyncio.sleep(0)
        last = {each: max(self._lists[each].items()) for each in whose if self._lists.get(each)}
        gone = {each: self._gone[each] for each in whose if each in self._gone}
        return {**gone, **{each: End(number, look.hash) for each, (number, look) in last.items()}}

    async def erased_districts(self) -> Mapping[str, datetime]:
        await asyncio.sleep(0)
        return dict(self.erased)

    async def begins_after(self, whose: Whose) -> End:
        await asyncio.sleep(0)
        return self._gone.get(whose, End())

    async def expire(self, whose: Whose, until: datetime, cause: str, most: int) -> int:
        await asyncio.sleep(0)
        known = self._lists.get(whose, {})
        first = [look for _, look in sorted(known.items())][:most]
        gone = list(takewhile(lambda each: each.told.last_at < until, first))
        for each in gone:
            del known[each.number]
        if gone:
            self._gone[whose] = End(gone[-1].number, gone[-1].hash)
        asked = (whose[0], cause)
        self._causes[asked] = self._causes.get(asked, 0) + len(gone)
        return len(gone)

    async def expired_by(self, district: str, cause: str) -> int:
        await asyncio.sleep(0)
        return self._causes.get((district, cause), 0)

    async def people_of(self, district: str, old: Old, most: int) -> Sequence[str]:
        await asyncio.sleep(0)
        found = dict.fromkeys(each.told.person for each in self._old(district, old))
        return list(found)[:most]

    async def how_many(self, district: str, old: Old) -> int:
        await asyncio.sleep(0)
        return min(len(self._old(district, old)), MOST_COUNTED)

    def _old(self, district: str, old: Old) -> list[Look]:
        return [
            look
            for (of, person), known in self._lists.items()
            for look in known.values()
            if of == district
            and look.told.last_at < old.until
            and (old.since is None or look.told.last_at >= old.since)
            and (old.of is None or person in old.of)
            and person not in old.but
        ]

    async def known(self, events: Collection[str]) -> Collection[tuple[Whose, str]]:
        await asyncio.sleep(0)
        wanted = set(events)
        return {
            (whose, each.told.event)
            for whose, known in self._lists.items()
            for each in known.values()
            if each.told.event in wanted
        }

    async def append(self, looks: Sequence[Look]) -> None:
        await asyncio.sleep(0)
        for each in looks:
            known = self._lists.setdefault((each.told.district, each.told.person), {})
            events = {one.told.event for one in known.values()}
            if each.number in known or each.told.event in events:
                raise NumberTaken
            known[each.number] = replace(each, told=replace(each.told, artifact=""))

    async def get(self, district: str, id: str) -> Look | None:
        await asyncio.sleep(0)
        return next(
            (
                look
                for (of, _), known in self._lists.items()
                for look in known.values()
                if (of, look.id) == (district, id)
            ),
            None,
        )

    async def page(self, whose: Whose, of: Filter, after: str, limit: int) -> Found[Look]:
        await asyncio.sleep(0)
        number = below(after)
        found = [
            each
            for each in self._lists.get(whose, {}).values()
            if (number is None or each.number < number) and _wanted(each, of)
        ]
        found.sort(key=lambda each: -each.number)
        items = found[:limit]
        return Found(items, str(items[-1].number) if len(found) > limit else "")

    async def note_reads(self, reads: Sequence[PartnerRead]) -> None:
        await asyncio.sleep(0)
        _note(self._reads, reads)

    async def partners_of(
        self, district: str, people: Collection[str], artifact: str = ""
    ) -> Sequence[PartnerRead]:
        await asyncio.sleep(0)
        found = [
            each if artifact else replace(each, artifact="")
            for each in self._reads.values()
            if each.district == district
            and each.person in ("", *people)
            and (not artifact or each.artifact in ("", artifact))
        ]
        told: dict[tuple[str, str, str, str, str], PartnerRead] = {}
        _note(told, found)
        return list(told.values())[:MOST_READS]

    async def note_journals(self, reads: Sequence[JournalRead]) -> None:
        await asyncio.sleep(0)
        for each in reads:
            name = astuple(each)[:-2]
            before = self._journals.get(name, each)
            first, last = min(before.first_at, each.first_at), max(before.last_at, each.last_at)
            self._journals[name] = replace(each, first_at=first, last_at=last)

    async def last_disclosed(
        self, district: str, since: datetime | None, until: datetime | None
    ) -> datetime | None:
        await asyncio.sleep(0)
        left = self._left(district, since, until)
        return max((each.last_at for each in left), default=None)

    async def disclosed(self, district: str, since: datetime, until: datetime) -> list[Disclosed]:
        await asyncio.sleep(0)
        found: dict[tuple[str, ...], Disclosed] = {}
        people: dict[tuple[str, ...], set[str]] = {}
        for each in self._left(district, since, until):
            about = getattr(each, "person", "")
            viewer = getattr(each, "viewer", "")
            place = (each.partner, viewer, each.service, each.kind, each.operation, each.purpose)
            people.setdefault(place, set()).add(about)
            before = found.get(place)
            times = (before.times if before else 0) + getattr(each, "times", 0)
            first = min(before.first_at, each.first_at) if before else each.first_at
            last = max(before.last_at, each.last_at) if before else each.last_at
            several = len(people[place]) if about else None
            found[place] = Disclosed(*place, several, times, first, last)
        return [found[place] for place in sorted(found)][:MOST_DISCLOSED]

    def _left(
        self, district: str, since: datetime | None, until: datetime | None
    ) -> list[ToldLook | JournalRead]:
        looks = (look.told for known in self._lists.values() for look in known.values())
        left: list[ToldLook | JournalRead] = [each for each in looks if _is_outside(each)]
        return [
            each
            for each in [*left, *self._journals.values()]
            if each.district == district
            and (since is None or each.last_at >= since)
            and (until is None or each.last_at < until)
        ]

    async def count(self, refused: Sequence[Refusal]) -> None:
        await asyncio.sleep(0)
        for each in refused:
            self._refused.setdefault(each.event, each)

    async def counts(self, district: str) -> Mapping[str, Mapping[int, int]]:
        await asyncio.sleep(0)
        counts: dict[str, dict[int, int]] = {}
        for each in self._refused.values():
            if each.district == district:
                found = counts.setdefault(each.purpose, {})
                found[each.school_year] = found.get(each.school_year, 0) + each.times
        return counts

    async def positions(self, numbers: Collection[int]) -> Positions:
        await asyncio.sleep(0)
        return {each: dict(self._positions[each]) for each in numbers if each in self._positions}

    async def collected(self, positions: Positions) -> None:
        await asyncio.sleep(0)
        for number, topics in positions.items():
            self._positions.setdefault(number, {}).update(topics)


def _is_outside(told: ToldLook) -> bool:
    outside = bool(told.partner) or (told.relation, told.kind) == FETCHED
    return outside and told.decision == ALLOWED


def _note(
    known: dict[tuple[str, str, str, str, str], PartnerRead], reads: Iterable[PartnerRead]
) -> None:
    """From the first to the last time."""
    for each in reads:
        name = (each.district, each.partner, each.person, each.kind, each.artifact)
        before = known.get(name, each)
        first, last = min(before.first_at, each.first_at), max(before.last_at, each.last_at)
        known[name] = replace(each, first_at=first, last_at=last)


def _wanted(look: Look, of: Filter) -> bool:
    told = look.told
    return (
        (not of.kind or told.kind == of.kind)
        and (not of.viewer or of.viewer in (told.viewer, told.partner))
        and (of.since is None or told.last_at >= of.since)
        and (of.until is None or told.last_at < of.until)
    )
