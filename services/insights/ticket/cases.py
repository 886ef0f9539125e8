"""Use cases: a ticket is asked for with a token, and shown in its place."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.access.guarded import GuardedReads
from services.chassis.call import Call, Principal, caller_of
from services.chassis.fields import ME
from services.chassis.kernel import Fault, Kind
from services.insights.ticket.tickets import Ticket, Tickets

SECONDS = 30.0
FOR = "watch_caseload"
BYTES = 32  # of chance
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Ports:
    """`now`: epoch seconds by the real clock, by which tokens end, too."""

    tickets: Tickets
    reads: GuardedReads
    now: Callable[[], float] = time.time


async def issue_ticket(ports: Ports, call: Call, coach: str) -> tuple[str, datetime]:
    """A new one for a coach's caseload, for herself, and until when it is taken: for SECONDS, but
    no longer than her token. Raises Fault LIMITED `too_many_tickets`."""
    coach = call.principal.person if coach == ME else coach

    async def issue() -> tuple[str, datetime]:
        shown, now = secrets.token_urlsafe(BYTES), ports.now()
        until = _instant(min(now + SECONDS, call.principal.ends_at))
        person = caller_of(call, "/coach_id")
        ticket = Ticket(call.district, person, FOR, call.principal.ends_at, until)
        if not await ports.tickets.keep(_digest(shown), ticket, _instant(now)):
            raise Fault(Kind.LIMITED, "too_many_tickets", "Use those that you have.")
        return shown, until

    return await ports.reads.many(call, (coach,), issue, lambda _: ())


async def take_ticket(ports: Ports, shown: str, operation: str) -> Principal:
    """Who was given a ticket; it is good no more. Raises Fault UNAUTHENTICATED `invalid_ticket`,
    without a database command for what cannot be one, UNAVAILABLE."""
    found = None
    if _FORM.fullmatch(shown):
        found = await ports.tickets.take(_digest(shown), operation)
    if found is None or _instant(ports.now()) > found.until:
        detail = "The ticket is refused: it was used, is too old, or is none. Ask for a new one."
        raise Fault(Kind.UNAUTHENTICATED, "invalid_ticket", detail)
    return Principal(found.district, person=found.person, ends_at=found.ends_at)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds * 1_000) / 1_000, UTC)


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()
