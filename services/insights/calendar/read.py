"""What every read needs and no read fetches: the school calendars and how fresh the cards
are. Kept in memory and refreshed in the background, so that a read stays one command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.access.calendar import AcademicSession, Calendar
from services.access.days import Days
from services.access.school_days import A_CALENDAR
from services.access.stated_days import StatedDays, calendar_of, session_of, stated_in
from services.chassis.kernel import Clock, Fault
from services.chassis.rounds import rest
from services.chassis.troubles import Troubles
from services.chassis.views.freshness import NEVER, AsOf
from services.chassis.views.projection import Row
from services.insights.facts.stored import district_of

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
CALENDARS_EVERY = 5  # refreshes

DistrictYear = tuple[str, int]


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
                self.troubles.tell(A_CALENDAR, district, error)
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
            self.troubles.tell(A_CALENDAR, place[0], error)
            return
        self._sessions[place] = sessions
        if place not in self._calendars or self._calendars[place].means != made.means:
            self._calendars[place] = made

    def _made(
        self, district: str, school_year: int, sessions: Collection[AcademicSession]
    ) -> Calendar:
        return calendar_of(
            school_year,
            self._stated.get(district, ()),
            sessions,
            self._days.zone(district),
            self._days.without_school(district),
        )
