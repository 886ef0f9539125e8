"""The book of looks: who was shown what about whom goes from here to each person's own list.

A look is noted in memory beside its line in the log, and stored within a moment with all others of
that moment, by one command of its own: a read asks the database nothing more. A look that cannot be
recorded is not granted, so a process that dies takes a second of them with it at most.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import NamedTuple

from coaching.looks.v1 import look_events_pb2 as published
from services.access.decision import PURPOSE
from services.chassis.backoff import Backoff
from services.chassis.call import Call
from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.rounds import rest
from services.chassis.write.bell import LocalBell
from services.chassis.write.loose import LooseEvent, LooseEvents
from services.chassis.write.states import encoded, keys_about, stamp

log = logging.getLogger(__name__)

COLLECTION = "look_events"
NOBODY = ""  # among people: it is not known about whom it was
FLUSH_SECONDS = 0.3  # from a look until it is stored, as long as the database answers at once
LATE_SECONDS = 0.6  # not stored for so long: nobody is shown anything before it is
WAIT_SECONDS = 2.0  # for that, before a request is refused
MOST = 20_000  # people in looks that are not stored
MOST_KEYS = 500  # people told by one event


class SeenBy(NamedTuple):
    """What looks have in common that are told as one."""

    district: str
    viewer: str
    partner: str
    kind: str
    operation: str
    purpose: str
    relation: str
    grant: str
    decision: str
    artifact: str = ""


@dataclass(slots=True)
class _Sheet:
    """Looks that are alike: when the first and the last was, and how many of each person."""

    first: datetime
    last: datetime
    people: dict[str, int] = field(default_factory=dict)


class LookBook:
    """Of one service in one process. `flush` stores what was noted; `run` does so all the time,
    and only while it runs is anybody refused because nothing can be stored."""

    def __init__(
        self,
        service: str,
        events: LooseEvents,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bell = LocalBell()  # rung when something is stored
        self._service = service
        self._events = events
        self._clock = clock
        self._monotonic = monotonic
        self._sheets: dict[SeenBy, _Sheet] = {}
        self._storing: list[LooseEvent] = []  # what may have been stored
        self._people = 0  # in both
        self._since: float | None = None  # when the oldest in `_sheets` was noted
        self._storing_since: float | None = None
        self._noted, self._stored = asyncio.Event(), asyncio.Event()
        self._runs = False
        self._process, self._count = uuid.uuid4().hex, count(1)
        self._serial = asyncio.Lock()

    async def ready(self) -> None:
        """To be asked before anybody is let in: waits where looks have not been stored for too
        long. Raises Fault OVERLOADED where they still are not."""
        if not self._late():
            return
        self._stored.clear()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._stored.wait()
        except TimeoutError:
            raise _unrecorded() from None

    def note(
        self,
        call: Call,
        kind: str,
        decision: str,
        relation: str,
        grant: str,
        people: Collection[str],
    ) -> None:
        """A decision about what is about these people, at this instant. One for another purpose is
        noted of the caller's own data, too, and so is one of a partner where it is not known about
        whom it is. Raises Fault OVERLOADED where too many are not stored yet: then it must not be
        granted."""
        principal = call.principal
        others = [each for each in people if each]
        if principal.purpose or principal.partner:
            others = others or [NOBODY]
        else:
            others = [each for each in others if each != principal.person]
        if not others:
            return
        if self._people + len(others) > MOST:
            raise _unrecorded()
        now = self._clock.now()
        seen = SeenBy(
            call.district,
            principal.person,
            principal.partner,
            kind,
            call.operation,
            principal.purpose or PURPOSE,
            relation,
            grant,
            decision,
            _artifact(call, kind),
        )
        sheet = self._sheets.setdefault(seen, _Sheet(now, now))
        sheet.last = max(sheet.last, now)
        for each in others:
            known = sheet.people.get(each, 0)
            sheet.people[each] = known + 1
            self._people += not known
        if self._since is None:
            self._since = self._monotonic()
        self._noted.set()

    async def flush(self) -> int:
        """Store all that is noted: 1 command. How many events. Raises Fault UNAVAILABLE, after
        which the next one takes up what is left."""
        async with self._serial:
            if not self._storing:
                sheets, self._sheets = self._sheets, {}
                self._storing_since, self._since = self._since, None
                self._noted.clear()
                self._storing = list(self._told(sheets))
            if self._storing:
                await self._events.insert(self._storing)
                self.bell.ring()
            told, self._storing, self._storing_since = len(self._storing), [], None
            self._people = sum(len(each.people) for each in self._sheets.values())
            self._stored.set()
            return told

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, when all others that note looks have ended; then the last are stored."""
        backoff = Backoff(0.05, 0.5)
        self._runs = True
        try:
            while not stop.is_set():
                await self._anything(stop)
                await self._flushed(backoff)
            while self._sheets or self._storing:
                await self._flushed(backoff)
        finally:
            self._runs = False

    async def _flushed(self, backoff: Backoff) -> None:
        try:
            await self.flush()
            backoff.reset()
        except Fault as fault:
            log.warning("Looks are not stored: %s", fault)
            await asyncio.sleep(backoff.next())

    async def _anything(self, stop: asyncio.Event) -> None:
        """Return a moment after something was noted, or at once when `stop` is set."""
        noted, asked = (asyncio.create_task(each.wait()) for each in (self._noted, stop))
        try:
            if not self._storing:
                await asyncio.wait({noted, asked}, return_when=asyncio.FIRST_COMPLETED)
                await rest(stop, FLUSH_SECONDS)
        finally:
            noted.cancel()
            asked.cancel()

    def _late(self) -> bool:
        since = self._since if self._storing_since is None else self._storing_since
        return self._runs and since is not None and self._monotonic() - since > LATE_SECONDS

    def _told(self, sheets: dict[SeenBy, _Sheet]) -> Iterator[LooseEvent]:
        for seen, sheet in sheets.items():
            for times in sorted(set(sheet.people.values())):
                people = [each for each, often in sheet.people.items() if often == times]
                for some in _parts(people):
                    yield self._event(seen, sheet, times, some)

    def _event(self, seen: SeenBy, sheet: _Sheet, times: int, people: Iterable[str]) -> LooseEvent:
        look = published.LookSnapshot(
            viewer_id=seen.viewer,
            partner_id=seen.partner,
            service=self._service,
            kind=seen.kind,
            operation=seen.operation,
            purpose=seen.purpose,
            relation=seen.relation,
            grant_id=seen.grant,
            decision=seen.decision,
            first_at=stamp(sheet.first),
            last_at=stamp(sheet.last),
            times=times,
            artifact_id=seen.artifact,
        )
        id_ = f"{self._process}.{next(self._count):012d}"  # in order
        keys = keys_about(seen.district, *filter(None, people), nobody=id_)
        made = encoded(published.Looked(look=look), keys)
        event = PendingEvent(
            version=1,
            event_id=f"{id_}:1",
            type=made.type,
            keys=made.keys,
            data=made.data,
            occurred_at=sheet.last,
        )
        return LooseEvent(id_, seen.district, event)


def _artifact(call: Call, kind: str) -> str:
    """The one thing of a kind that a partner's program reads by itself, such as a goal by
    `get_goal`; empty where it reads a list, or what belongs to the thing."""
    single = call.principal.partner and call.operation == f"get_{kind}"
    return call.single if single else ""


def _parts(people: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(people), MOST_KEYS):
        yield people[begin : begin + MOST_KEYS]


def _unrecorded() -> Fault:
    detail = "Who looks at what is not recorded at the moment, so nothing is shown."
    return Fault(Kind.OVERLOADED, "overloaded", detail)
