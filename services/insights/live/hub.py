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
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import cache

from services.access.access import Access
from services.chassis.kernel import Clock, Fault, Kind
from services.insights.calendar.read import Almanac
from services.insights.caseload.caseloads import Scope, years_of
from services.insights.caseload.named_cards import NamedCards
from services.insights.live import token as live_token
from services.insights.live.changes import Changes, place_of
from services.insights.live.notices import Notices
from services.insights.live.readers import Readers
from services.insights.live.sending import Sender
from services.insights.live.stream import Reader

log = logging.getLogger(__name__)

EVALUATE_SECONDS = 45.0
PEOPLE_SECONDS = 0.5
RETRY_SECONDS = 1.0


class Hub:
    def __init__(
        self,
        cards: NamedCards,
        almanac: Almanac,
        notices: Notices,
        access: Access,
        clock: Clock,
        *,
        mailbox: int = 256,
        most: int = 1_000,
    ) -> None:
        self._cards, self._almanac, self._notices = cards, almanac, notices
        self._access = access
        self._mailbox, self._most = mailbox, most
        self._changes = Changes()
        self._sender = Sender(cards, almanac, access, clock, self._changes)
        self._readers = Readers()
        self._people: set[str] = set()  # changed, and not looked at yet
        self._serial = asyncio.Lock()  # one reading of cards at a time: none overtakes another
        self._closed = False

    @property
    def readers(self) -> int:
        return len(self._readers)

    async def join(self, scope: Scope, token: str) -> Reader:
        """A new reader, her first messages in her mailbox: what has changed since `token`, or
        the whole caseload where that is no place that is known here. Of more than EACH streams of
        one person the oldest says goodbye. Raises Fault LIMITED when there are too many readers,
        UNAVAILABLE."""
        place = live_token.decode(token)
        self._readers.make_room(scope)
        if self._closed or self._readers.full(scope.district, self._most):
            raise Fault(Kind.LIMITED, "too_many_streams", "Try again later, or elsewhere.")
        reader = Reader(scope, self._mailbox)
        self._readers.add(reader)
        try:
            await self._almanac.ready()
            await self._notices.ready()
            async with self._serial:
                reader.mailbox.replace(await self._sender.begin(reader, place))
        except BaseException:
            self.leave(reader)
            raise
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget a reader; safe to call again."""
        self._readers.discard(reader)

    def token(self, reader: Reader) -> str:
        """Her place now."""
        return self._sender.token(reader, reader.seq)

    async def changed(self, ids: Sequence[str]) -> None:
        """Cards have changed, or people: these are looked at by `look_at_people`. 1 database
        command where somebody watches the cards' district."""
        self._people.update(row_id for row_id in ids if place_of(row_id) is None)
        await self._changed([row_id for row_id in ids if place_of(row_id) is not None])

    async def look_at_people(self) -> None:
        """Of whom something has changed since the last time: mostly not what is shown of her.
        2 database commands where one of them is on a watched caseload or may come onto it, and
        for each reader who is one of them."""
        people, self._people = self._people, set()
        try:
            await self._changed(sorted(people))
            for reader in self._readers.of_coaches(people):
                async with self._serial:
                    with self._alone(reader):
                        await self._sender.compare(reader)
        except Fault:
            self._people |= people  # they are looked at the next time
            raise

    async def _changed(self, ids: Sequence[str]) -> None:
        heard = time.monotonic()
        async with self._serial:
            numbered: dict[str, int] = {}
            years = cache(self._years)  # for these changes: they may be many
            for row_id in ids:
                seq = self._changes.add()
                for watched in self._readers.concerned(row_id, years):
                    numbered.pop(watched, None)  # its newest notice is the one that counts
                    numbered[watched] = seq
            rows = await self._cards.rows(list(numbered)) if numbered else {}
            placed: dict[object, dict[str, int]] = {}  # once, and not by each reader
            for row_id, seq in numbered.items():
                placed.setdefault(place_of(row_id), {})[row_id.split(":")[1]] = seq
            for reader in self._readers.served():
                mine = placed.get((reader.scope.district, reader.scope.school_year), {})
                with self._alone(reader):
                    await self._sender.tell(reader, mine, rows, heard)
                    self._sender.caught_up(reader)

    async def evaluate(self) -> None:
        """Read every watched caseload again and send what has become different. 1 database
        command a reader."""
        for reader in self._readers:
            async with self._serial:
                if reader.served:
                    with self._alone(reader):
                        await self._sender.compare(reader)

    async def start_over(self) -> None:
        """Changes may have been missed: every reader gets her whole caseload again."""
        await self._almanac.refresh()  # the cards may be in other collections now
        async with self._serial:
            self._changes.forget()
            for reader in self._readers.served():
                with self._alone(reader):
                    reader.mailbox.replace(await self._sender.begin(reader, None))

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

    def _years(self, district: str, school_year: int) -> Sequence[int]:
        access = self._access
        return years_of(school_year, access.today(district), access.rules(district))
