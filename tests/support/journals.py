"""Journals in memory, read as a rebuild reads those of the services."""

from collections.abc import AsyncIterator, Iterable, Sequence

from services.chassis.log.envelope import Envelope
from services.chassis.write.documents import JournalEntry
from services.chassis.write.memory_journal import MemoryJournal


class MemoryJournals:
    """`views.rebuild.Journals` over one journal, `among` entries at a time; counts what it
    gave and notes the aggregates that it was asked for."""

    def __init__(self, journal: MemoryJournal, among: int = 50) -> None:
        self.journal, self.among = journal, among
        self.given = 0
        self.asked: list[str] = []

    async def newest(
        self, replacing: Sequence[Sequence[str]]
    ) -> AsyncIterator[Sequence[JournalEntry]]:
        after = ""
        while found := await self.journal.newest("", None, after, self.among, replacing):
            self.given += len(found)
            yield found
            after = found[-1].id

    async def every(self, aggregate: str) -> AsyncIterator[Sequence[JournalEntry]]:
        self.asked.append(aggregate)
        after = ""
        while found := await self.journal.read("", None, after, 1_000, aggregate):
            yield found
            after = found[-1].id


async def journals_of(entries: Iterable[JournalEntry], among: int = 50) -> MemoryJournals:
    journal = MemoryJournal()
    await journal.append(list(entries))
    return MemoryJournals(journal, among)


def envelope_of(entry: JournalEntry, key: str) -> Envelope:
    """The envelope that this entry was published with for this key."""
    event = entry.event
    return Envelope(
        event_id=event.event_id,
        type=event.type,
        district=entry.district,
        key=key,
        aggregate_id=entry.aggregate_id,
        version=event.version,
        occurred_at=event.occurred_at,
        year=event.year,
    )
