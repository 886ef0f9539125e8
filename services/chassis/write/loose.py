"""Events of no aggregate: kept until they are published, and not a moment longer.

They go through a relay of their own in the process that has stored them; what a process that is no
more has left behind any other publishes. No journal keeps them: whoever reads them owns what they
say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import JournalEntry, Outbox

LEFT_BEHIND = timedelta(seconds=10)  # after which others publish what its process has not


@dataclass(frozen=True, slots=True)
class LooseEvent:
    """`id` stands in the record where an aggregate's would; the event's version is 1."""

    id: str
    district: str
    event: PendingEvent


class LooseEvents(Outbox, Protocol):
    """An outbox of events alone: `pending` gives those that this process has stored, and others'
    that were left behind, and `clear` removes them. Two adapters, held to one conformance suite:
    `mongo_loose` and `memory_loose`. Every method may raise Fault UNAVAILABLE."""

    async def insert(self, events: Sequence[LooseEvent]) -> None:
        """Store them; one that is there already is left alone, so that what may have been stored
        is stored again. 1 command."""


class Unkept:
    """What the relay of loose events has for a journal."""

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        return None
