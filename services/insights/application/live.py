"""Live caseloads: one fan-out for all readers of a process.

The hub hears which cards have changed, reads those that concern somebody once, and puts
the new entry into the mailbox of each reader whose caseload it is on. Every 45 s it
reads every watched caseload again, for flags change with time too; that also mends what a
lost notice left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.views.projection import Row
from services.insights.application import live_token
from services.insights.application.almanac import Almanac
from services.insights.application.cards import card_of, district_of, entry_of_row, names
from services.insights.application.live_changes import Changes, place_of
from services.insights.application.live_readers import Readers
from services.insights.application.live_stream import Kind as Told
from services.insights.application.live_stream import Message, Reader, Scope
from services.insights.application.stores import Cards, Notices
from services.insights.domain.calendar import Calendar
from services.insights.domain.caseload import Entry, entry_of, in_order

log = logging.getLogger(__name__)

EVALUATE_SECONDS = 45.0
PEOPLE_SECONDS = 0.5
RETRY_SECONDS = 1.0


class Hub:
    def __init__(
        self,
        cards: Cards,
        almanac: Almanac,
        notices: Notices,
        clock: Clock,
        *,
        mailbox: int = 256,
        most: int = 1_000,
    ) -> None:
        self._cards, self._almanac, self._notices = cards, almanac, notices
        self._clock = clock
        self._mailbox, self._most = mailbox, most
        self._changes = Changes()
        self._readers = Readers()
        self._people: set[str] = set()  # changed, and not looked at yet
        self._serial = asyncio.Lock()  # one reading of cards at a time: none overtakes another
        self._closed = False

    @property
    def readers(self) -> int:
        return len(self._readers)

    async def join(self, scope: Scope, token: str) -> Reader:
        """A new reader, her first messages in her mailbox: what has changed since `token`, or
        the whole caseload. Of more than EACH streams of one person the oldest says goodbye.
        Raises Fault INVALID for a malformed token, LIMITED when there are too many readers,
        UNAVAILABLE."""
        place = live_token.decode(token) if token else None
        self._readers.make_room(scope)
        if self._closed or len(self._readers) >= self._most:
            raise Fault(Kind.LIMITED, "too_many_streams", "Try again later, or elsewhere.")
        reader = Reader(scope, self._mailbox)
        self._readers.add(reader)
        try:
            await self._almanac.ready()
            await self._notices.ready()
            async with self._serial:
                reader.mailbox.replace(await self._begin(reader, place))
        except BaseException:
            self.leave(reader)
            raise
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget a reader; safe to call again."""
        self._readers.discard(reader)

    def token(self, reader: Reader) -> str:
        """Her place now."""
        return self._token(reader, reader.seq)

    async def changed(self, ids: Sequence[str]) -> None:
        """Cards have changed, or people: these are looked at by `look_at_people`. 1 database
        command where somebody watches the cards' district."""
        self._people.update(row_id for row_id in ids if place_of(row_id) is None)
        await self._changed([row_id for row_id in ids if place_of(row_id) is not None])

    async def look_at_people(self) -> None:
        """Of whom something has changed since the last time: mostly not what is shown of her.
        2 database commands where somebody was sent one of them."""
        people, self._people = self._people, set()
        await self._changed(sorted(people))

    async def _changed(self, ids: Sequence[str]) -> None:
        async with self._serial:
            numbered: dict[str, int] = {}
            for row_id in ids:
                seq = self._changes.add(row_id)
                for watched in self._readers.concerned(row_id):
                    numbered.pop(watched, None)  # its newest notice is the one that counts
                    numbered[watched] = seq
            rows = await self._cards.rows(list(numbered)) if numbered else {}
            for reader in self._readers.served():
                with self._alone(reader):
                    self._tell(reader, numbered, rows)
                    reader.seq = self._changes.newest

    async def evaluate(self) -> None:
        """Read every watched caseload again and send what has become different. 1 database
        command a reader."""
        for reader in self._readers:
            async with self._serial:
                if reader.served:
                    with self._alone(reader):
                        await self._compare(reader)

    async def start_over(self) -> None:
        """Changes may have been missed: every reader gets her whole caseload again."""
        await self._almanac.refresh()  # the cards may be in other collections now
        async with self._serial:
            self._changes.forget()
            for reader in self._readers.served():
                with self._alone(reader):
                    reader.mailbox.replace(await self._begin(reader, None))

    @contextlib.contextmanager
    def _alone(self, reader: Reader) -> Iterator[None]:
        """What goes wrong with one reader's caseload ends her stream, and nobody else's."""
        try:
            yield
        except Fault:
            raise
        except Exception as error:  # noqa: BLE001 # of one caseload
            self._almanac.troubles.tell("a live caseload", reader.scope.district, error)
            reader.mailbox.end()

    def close(self) -> None:
        """The process ends: every reader says goodbye."""
        self._closed = True
        for reader in self._readers:
            reader.mailbox.end()

    async def run(self, stop: asyncio.Event) -> None:
        flags = self._every(EVALUATE_SECONDS, self.evaluate)
        people = self._every(PEOPLE_SECONDS, self.look_at_people)
        tasks = [asyncio.create_task(each) for each in (self._follow(), flags, people)]
        ended = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({ended, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.close()
            for task in (ended, *tasks):
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _follow(self) -> None:
        async for ids in self._notices.follow():
            missed = ids is None
            try:
                if ids is not None:
                    await self.changed(ids)
            except Fault as fault:
                log.warning("live: changed cards were not read: %s", fault.code)
                missed = True
            while missed:
                try:
                    await self.start_over()
                    missed = False
                except Fault as fault:
                    log.warning("live: caseloads were not read: %s", fault.code)
                    await asyncio.sleep(RETRY_SECONDS)

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            with contextlib.suppress(Fault):  # the next time is as good
                await act()

    async def _begin(self, reader: Reader, place: live_token.Place | None) -> list[Message]:
        """Her first messages; the last of them carries her place."""
        reader.seq = self._changes.newest
        now = self._clock.now()
        entries = await self._read(reader.scope, now)
        changed = None
        if place is not None and place.scope == self._scope(reader.scope):
            changed = self._changes.since(
                place.epoch, place.seq, reader.scope.district, reader.scope.school_year
            )
        if place is not None and changed is not None:
            messages = await self._missed(reader, place, changed, entries)
        else:
            again = self._token(reader, 0)
            messages = [Message(Told.RESET, again, count=len(entries))]
            messages += [Message(Told.ENTRY, again, entry=each) for each in entries]
        reader.sent = {each.card.teacher: each for each in entries}
        reader.evaluated = now
        reader.begun = True
        last = messages.pop() if messages else Message(Told.HEARTBEAT)
        return [*messages, replace(last, token=self.token(reader))]

    async def _missed(
        self,
        reader: Reader,
        place: live_token.Place,
        changed: Collection[str],
        entries: Sequence[Entry],
    ) -> list[Message]:
        """What a reader who was at `place` does not know: changed cards, flags that have
        come or gone with time, teachers who have left."""
        scope = reader.scope
        calendar = self._almanac.calendar(scope.district, scope.school_year)
        then = datetime.fromtimestamp(place.evaluated_ms / 1000, UTC)
        token = live_token.encode(place)
        messages = [
            Message(Told.ENTRY, token, entry=each)
            for each in entries
            if scope.row(each.card.teacher) in changed
            or entry_of(each.card, calendar, then) != each
        ]
        here = {scope.row(each.card.teacher) for each in entries}
        others = [row_id for row_id in changed if row_id not in here]
        for row in (await self._cards.rows(others)).values() if others else ():
            card = card_of(row)
            if any(each.coach == scope.coach for each in card.relationships):
                messages.append(Message(Told.GONE, token, teacher=card.teacher))
        return messages

    def _tell(self, reader: Reader, numbered: Mapping[str, int], rows: Mapping[str, Row]) -> None:
        scope = reader.scope
        now = self._clock.now()
        calendar = self._almanac.calendar(scope.district, scope.school_year)
        for row_id, seq in numbered.items():
            if place_of(row_id) != (scope.district, scope.school_year):
                continue
            teacher, row = row_id.split(":")[1], rows.get(row_id)
            token = self._token(reader, seq)
            if row is not None and names(row, scope.coach):
                self._send(reader, self._entry(row, calendar, now), token)
            elif teacher in reader.sent:
                del reader.sent[teacher]
                reader.mailbox.put(Message(Told.GONE, token, teacher=teacher))

    async def _compare(self, reader: Reader) -> None:
        now = self._clock.now()
        entries = {each.card.teacher: each for each in await self._read(reader.scope, now)}
        before = self.token(reader)
        for entry in entries.values():
            self._send(reader, entry, before)
        for teacher in reader.sent.keys() - entries.keys():
            del reader.sent[teacher]
            reader.mailbox.put(Message(Told.GONE, before, teacher=teacher))
        reader.evaluated = now

    def _send(self, reader: Reader, entry: Entry, token: str) -> None:
        if reader.sent.get(entry.card.teacher) != entry:
            reader.sent[entry.card.teacher] = entry
            reader.mailbox.put(Message(Told.ENTRY, token, entry=entry))

    async def _read(self, scope: Scope, now: datetime) -> list[Entry]:
        rows = await self._cards.caseload(scope.district, scope.coach, scope.school_year)
        calendar = self._almanac.calendar(scope.district, scope.school_year)
        own = [row for row in rows if district_of(row) == scope.district]
        return in_order((self._entry(row, calendar, now) for row in own), now)

    def _entry(self, row: Row, calendar: Calendar, now: datetime) -> Entry:
        return entry_of_row(row, calendar, now, self._almanac.troubles)[0]

    def _token(self, reader: Reader, seq: int) -> str:
        evaluated = int(reader.evaluated.timestamp() * 1000)
        return live_token.encode(
            live_token.Place(self._changes.epoch, self._scope(reader.scope), seq, evaluated)
        )

    def _scope(self, scope: Scope) -> str:
        calendar = self._almanac.calendar(scope.district, scope.school_year)
        return live_token.scope_of(scope, calendar.means)
