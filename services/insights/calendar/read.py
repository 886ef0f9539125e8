"""What every read needs and no read fetches: the school calendars and how fresh the cards
are. Kept in memory and refreshed in the background, so that a read stays one command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from services.access.calendar import AcademicSession, Calendar
from services.access.days import Days
from services.chassis.kernel import Clock, Fault
from services.chassis.rounds import rest
from services.chassis.troubles import Troubles
from services.chassis.views.facts import count, facts_in, flag, text
from services.chassis.views.freshness import NEVER, AsOf
from services.chassis.views.projection import Row
from services.insights.facts.stored import district_of

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
CALENDARS_EVERY = 5  # refreshes
LONGEST_SPAN = 366  # days
_CALENDAR = "a calendar"

DistrictYear = tuple[str, int]


Span = tuple[date, date]  # both inclusive


@dataclass(frozen=True, slots=True)
class StatedDays:
    """What is stated of a school year: of a `school`, or, where that is empty, of the district.
    On `closed` days nobody is taught, on `opened` ones somebody is."""

    school: str
    school_year: int
    closed: tuple[Span, ...]
    opened: tuple[Span, ...]
    terms: tuple[Span, ...]


class Calendars(Protocol):
    """What the almanac keeps of the views. Raises Fault UNAVAILABLE."""

    async def calendars(self) -> Sequence[Row]:
        """The academic sessions of all districts."""

    async def as_of(self) -> datetime:
        """Everything published before this instant is in the cards; the epoch where no
        projector has reported yet. Also notices a rebuild's new collections."""


class Almanac:
    """`cached` False: every read refreshes, for stores that cost nothing. A calendar that
    cannot be made stays as it was; that, and what else of a district cannot be read, is told
    to `troubles`."""

    def __init__(
        self,
        calendars: Calendars,
        clock: Clock,
        days: Days,
        stale_after: timedelta,
        *,
        cached: bool = True,
        troubles: Troubles | None = None,
    ) -> None:
        self._stored = calendars
        self._clock = clock
        self._days = days
        self._stale_after = stale_after
        self.troubles = troubles or Troubles()
        self._calendars: dict[DistrictYear, Calendar] = {}
        self._without_sessions: dict[str, Calendar] = {}  # by district
        self._sessions: dict[DistrictYear, set[AcademicSession]] = {}  # what they were made from
        self._stated: dict[str, frozenset[StatedDays]] = {}  # by district
        self._as_of = NEVER
        self._every = CALENDARS_EVERY if cached else 1
        self._cached = cached
        self._rounds = 0

    def calendar(self, district: str, school_year: int) -> Calendar:
        """Of one of the issuers' districts, which are few. The same object until it changes."""
        known = self._calendars.get((district, school_year))
        known = known or self._without_sessions.get(district)
        if known is None:
            known = self._without_sessions[district] = self._made(district, 0, ())
        return known

    def freshness(self) -> AsOf:
        """As last read: it grows older until it is read again, and never promises too much."""
        return AsOf(self._as_of, self._clock.now() - self._as_of > self._stale_after)

    async def ready(self) -> None:
        """Before a read: reads what was never read yet."""
        if not self._rounds or not self._cached:
            await self.refresh()

    async def refresh(self) -> None:
        """Read how fresh the cards are and, now and then, the calendars. A store that is
        down leaves what was known: it grows old, and so stale. At most 2 commands."""
        try:
            self._as_of = await self._stored.as_of()
            if self._rounds % self._every == 0:
                await self._read_calendars()
            self._rounds += 1
        except Fault as fault:
            log.warning("the calendars and the freshness were not read: %s", fault.code)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.refresh()
            await rest(stop, EVERY_SECONDS)

    async def _read_calendars(self) -> None:
        sessions: dict[DistrictYear, set[AcademicSession]] = {}
        stated: dict[str, set[StatedDays]] = {}
        troubled: set[str] = set()  # districts of which not all could be read
        for row in await self._stored.calendars():
            district = district_of(row)
            try:
                found = session_of(row)
                said = stated_in(row)
            except Exception as error:  # noqa: BLE001 # whatever the row of one district holds
                troubled.add(district)
                self.troubles.tell(_CALENDAR, district, error)
                continue
            stated.setdefault(district, set()).update(said)
            for each in said:
                if each.terms:  # a year may have terms of which the roster file says nothing
                    sessions.setdefault((district, each.school_year), set())
            if found is not None:
                sessions.setdefault((district, found[0]), set()).add(found[1])
        for district in self._stated.keys() | stated.keys():
            if district not in troubled:
                self._state(district, frozenset(stated.get(district, ())))
        for place in self._calendars.keys() - sessions.keys():
            if place[0] not in troubled:
                del self._calendars[place]
                self._sessions.pop(place, None)
        for place, those in sessions.items():
            if place not in self._calendars or place[0] not in troubled:
                self._make(place, those)

    def _state(self, district: str, said: frozenset[StatedDays]) -> None:
        """What is stated now; calendars that were made of other statements are made anew."""
        if self._stated.get(district, frozenset()) != said:
            self._stated[district] = said
            self._without_sessions.pop(district, None)
            for place in [each for each in self._sessions if each[0] == district]:
                del self._sessions[place]

    def _make(self, place: DistrictYear, sessions: set[AcademicSession]) -> None:
        if self._sessions.get(place) == sessions:
            return
        try:
            made = self._made(*place, sessions)
        except Exception as error:  # noqa: BLE001 # of one district
            self.troubles.tell(_CALENDAR, place[0], error)
            return
        self._sessions[place] = sessions
        if place not in self._calendars or self._calendars[place].means != made.means:
            self._calendars[place] = made

    def _made(
        self, district: str, school_year: int, sessions: Iterable[AcademicSession]
    ) -> Calendar:
        by_school: dict[str, list[StatedDays]] = {}
        for each in self._stated.get(district, ()):
            by_school.setdefault(each.school, []).append(each)
        zone = self._days.zone(district)
        whole = by_school.pop("", [])
        closed = self._days.without_school(district) | _days(each.closed for each in whole)
        opened = _days(each.opened for each in whole)
        terms = _terms(whole, school_year) or tuple(sessions)
        schools = {}
        for school, said in by_school.items():
            shut, taught = (
                _days(each.closed for each in said),
                _days(each.opened for each in said),
            )
            schools[school] = Calendar(
                _terms(said, school_year) or terms,
                zone=zone,
                closed=closed | shut,
                opened=(opened - shut) | taught,
            )
        return Calendar(terms, zone=zone, closed=closed, opened=opened, schools=schools)


def session_of(row: Row) -> tuple[int, AcademicSession] | None:
    """School year and session, from a row of `calendars`; None when it was removed or only
    an unreadable event is known of it. Raises whatever a broken row leads to."""
    for _, value in facts_in(row, "session"):
        if flag(value["active"]):
            starts, ends = date.fromisoformat(value["starts"]), date.fromisoformat(value["ends"])
            return count(value["school_year"]), AcademicSession(text(value["type"]), starts, ends)
    return None


def stated_in(row: Row) -> Sequence[StatedDays]:
    """What a row of `calendars` states beside sessions. Raises whatever a broken row leads to."""
    return [
        StatedDays(
            text(value.get("school", "")),
            count(value.get("school_year", 0)),
            closed=_spans(value["spans"]) + _spans(value.get("closed", [])),
            opened=_spans(value.get("opened", [])),
            terms=_spans(value.get("terms", [])),
        )
        for _, value in facts_in(row, "closed")
    ]


def _spans(stored: Any) -> tuple[Span, ...]:
    spans = []
    for first, last in stored:
        span = date.fromisoformat(first), date.fromisoformat(last)
        if (span[1] - span[0]).days >= LONGEST_SPAN:
            raise ValueError
        spans.append(span)
    return tuple(spans)


def _days(stated: Iterable[Sequence[Span]]) -> frozenset[date]:
    return frozenset(
        date.fromordinal(ordinal)
        for spans in stated
        for first, last in spans
        for ordinal in range(first.toordinal(), last.toordinal() + 1)
    )


def _terms(stated: Iterable[StatedDays], school_year: int) -> tuple[AcademicSession, ...]:
    return tuple(
        AcademicSession("term", first, date.fromordinal(last.toordinal() + 1))
        for each in stated
        if each.school_year == school_year
        for first, last in each.terms
    )
