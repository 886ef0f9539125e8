"""What a bootstrap makes ports of, over memory: `assembly.parts.PortParts` without a process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

from services.access.access import Access
from services.access.days import Days
from services.access.directory import Directory
from services.access.known import TiesAsStored
from services.access.policy import Policies
from services.access.school_days import SchoolDays
from services.chassis.kernel import Aggregate, Clock
from services.chassis.views.projection import Row
from services.chassis.write.documents import Journal
from services.chassis.write.drafts import Drafts
from services.chassis.write.entries import Entries, EntryCodec
from services.chassis.write.memory_drafts import MemoryDrafts
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.memory_sealing import MemorySealingKey
from services.chassis.write.sealing import SealingKey
from services.chassis.write.states import SummaryCodec
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import Codec, WritePath

A = TypeVar("A", bound=Aggregate)
S = TypeVar("S")
T = TypeVar("T")


class CountingBell:
    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1


class NothingStated:
    async def school_days(self, district: str, most: int) -> Sequence[Row]:
        return []


class PartsInMemory:
    """A subclass says on which `documents` (memory or MongoDB), who is who, and whose days; its
    `ports` come from its service's bootstrap."""

    documents: Any
    directory: Any
    clock: Clock
    days: Days
    bell: CountingBell

    @cached_property
    def school_days(self) -> SchoolDays:
        return SchoolDays(NothingStated(), self.days, self.directory)

    @cached_property
    def drafts(self) -> Drafts:
        return MemoryDrafts()

    @cached_property
    def journal(self) -> Journal:
        return MemoryJournal()

    @cached_property
    def sealing(self) -> SealingKey:
        return MemorySealingKey()

    def path(self, codec: Codec[A]) -> WritePath[A]:
        return WritePath(self.documents, codec, self.clock, self.bell)

    def summaries(self, codec: SummaryCodec[S]) -> Summaries[S]:
        return Summaries(self.documents, codec)

    def entries(self, codec: EntryCodec[T]) -> Entries[T]:
        return Entries(self.documents, self.journal, codec)

    def access_for(
        self, policies: Policies, people: Directory | None = None, ties: TiesAsStored | None = None
    ) -> Access:
        return Access(policies, people or self.directory, self.clock, self.days, ties=ties)
