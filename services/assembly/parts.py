"""What the ports of a service are made of, whatever it stands on."""

from __future__ import annotations

from typing import Protocol, TypeVar

from services.access.access import Access
from services.access.days import Days
from services.access.directory import CachedDirectory, Directory
from services.access.known import TiesAsStored
from services.access.policy import Policies
from services.access.school_days import SchoolDays
from services.chassis.kernel import Aggregate, Clock
from services.chassis.write.documents import Journal
from services.chassis.write.drafts import Drafts
from services.chassis.write.entries import Entries, EntryCodec
from services.chassis.write.sealing import SealingKey
from services.chassis.write.states import SummaryCodec
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import Codec, WritePath

A = TypeVar("A", bound=Aggregate)
S = TypeVar("S")
T = TypeVar("T")


class PortParts(Protocol):
    """What the ports of a service are made of: `service.Base`, or what a test puts in its place."""

    @property
    def days(self) -> Days: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def directory(self) -> CachedDirectory: ...

    @property
    def school_days(self) -> SchoolDays: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def sealing(self) -> SealingKey: ...

    def path(self, codec: Codec[A]) -> WritePath[A]: ...

    def summaries(self, codec: SummaryCodec[S]) -> Summaries[S]: ...

    def entries(self, codec: EntryCodec[T]) -> Entries[T]: ...

    def access_for(
        self, policies: Policies, people: Directory | None = None, ties: TiesAsStored | None = None
    ) -> Access:
        """`people`: who is known, where that is not what the access view alone says; `ties`: of the
        service that keeps relationships."""
