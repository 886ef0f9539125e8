"""What callers read: a coach's caseload as it changes."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.access.guarded import GuardedReads
from services.access.looks import ALLOWED
from services.chassis.call import Call
from services.chassis.fields import ME
from services.chassis.kernel import Clock, Fault
from services.chassis.views.freshness import AsOf
from services.insights.calendar.read import Almanac
from services.insights.caseload.caseloads import Scope, view_of
from services.insights.live.hub import Hub
from services.insights.live.stream import Message, MessageKind, Reader

HEARTBEAT_SECONDS = 15.0
ACCESS_SECONDS = 60.0
LONGEST_SECONDS = 3_600.0
KIND, RELATION = "caseload", "party"  # of the looks of whoever watches her caseload


@dataclass(frozen=True, slots=True)
class Ports:
    hub: Hub
    almanac: Almanac
    reads: GuardedReads
    access: Access
    days: Days
    clock: Clock


@dataclass(frozen=True, slots=True)
class Watch:
    """A live caseload that has begun. Iterate `messages` once, and close it."""

    ports: Ports
    call: Call
    reader: Reader

    @property
    def school_year(self) -> int:
        return self.reader.scope.school_year

    def freshness(self) -> AsOf:
        return self.ports.almanac.freshness()

    def close(self) -> None:
        """Leave; needed where `messages` may not have been begun. Safe to call again."""
        self.ports.hub.leave(self.reader)

    async def messages(self) -> AsyncGenerator[Message]:
        """Ends with `bye` when the process ends, access or the caller's token is over, an
        hour has passed, she was too slow or has begun too many others; its token is the place
        after the last message before it."""
        hub, mailbox = self.ports.hub, self.reader.mailbox
        place, seen = "", set[str]()
        asked = time.monotonic()
        end = asked + min(LONGEST_SECONDS, self.call.principal.ends_at - time.time())
        try:
            while True:
                message = await mailbox.take(
                    min(HEARTBEAT_SECONDS, max(end - time.monotonic(), 0.0))
                )
                now = time.monotonic()
                if message is None and not mailbox.over:
                    message = Message(MessageKind.HEARTBEAT, hub.token(self.reader))
                if now - asked > ACCESS_SECONDS:
                    asked = now
                    if not await self._allowed():
                        message = None
                if message is None or now >= end or not self._recorded(message, seen):
                    yield Message(MessageKind.BYE, place, slow=mailbox.slow)
                    return
                yield message
                place = message.token
        finally:
            self.close()

    def _recorded(self, message: Message, seen: set[str]) -> bool:
        """Whether it is in the list of the teacher whom it shows that the coach looked: once as
        long as this goes on, which is an hour at most. What cannot be recorded is not shown."""
        if message.entry is None or message.entry.card.teacher in seen:
            return True
        teacher = message.entry.card.teacher
        seen.add(teacher)
        try:
            if self.ports.access.book is not None:
                self.ports.access.book.note(self.call, KIND, ALLOWED, RELATION, "", (teacher,))
        except Fault:
            return False
        return True

    async def _allowed(self) -> bool:
        async def nothing() -> None:
            return None

        coach = self.reader.scope.coach
        try:
            await self.ports.reads.many(self.call, (coach,), nothing, None)
        except Fault:
            return False
        return True


async def watch_caseload(
    ports: Ports, call: Call, *, coach: str = "", school_year: int | None = None, token: str = ""
) -> Watch:
    """A coach's caseload as it changes, for herself. Begins with a reset and all entries,
    or with what has changed since `token`. `coach`: herself where it is `me` or nobody is named."""
    coach = call.principal.person if coach in ("", ME) else coach

    async def join() -> tuple[Reader, Collection[str]]:
        year = school_year or ports.days.school_year_of(call.district, ports.clock.now())
        scope = Scope(call.district, coach, year)
        view = await view_of(ports.access, scope)
        return await ports.hub.join(scope, token), view.grants

    reader, _ = await ports.reads.many(call, (coach,), join, None, lambda joined: joined[1])
    return Watch(ports, call, reader)
