"""What stands for a token in the address of a live caseload, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

EACH = 20  # that wait for one person


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose it is, for which `operation`, and the last instant at which it is taken. `ends_at`: of
    the token that it came from, as `Principal` has it."""

    district: str
    person: str
    operation: str
    ends_at: float
    until: datetime


class Tickets(Protocol):
    """By the digest of what their holders show, which itself is kept nowhere."""

    async def keep(self, digest: str, ticket: Ticket, now: datetime) -> bool:
        """Whether it is kept: not where EACH of hers wait that are still taken at `now`. Of a
        person's who asks several times at once there may be a few more. 2 database commands. Raises
        Fault UNAVAILABLE."""

    async def take(self, digest: str, operation: str) -> Ticket | None:
        """The one for this operation, to one of all who ask, however many do at once; afterwards
        there is none. 1 database command. Raises Fault UNAVAILABLE: it may be used up."""
