"""A counter with its codec, and a bench for its write path: for tests of what a command does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.call import Call, Principal
from services.chassis.kernel import Aggregate, Fault, Kind, conflict
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document, KeyUse
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.write_path import EncodedEvent, WritePath

NOW = datetime(2026, 11, 2, 8, 0, 0, 123456, tzinfo=UTC)


@dataclass(kw_only=True)
class Counter(Aggregate):
    n: int = 0
    note: str = ""

    def add(self, by: int) -> None:
        if by < 0:
            raise conflict("negative", "A counter only grows.")
        if by:
            self.n += by
            self.record(("added", by))


class CounterCodec:
    kind = "counter"
    schema = 1

    def __init__(self) -> None:
        self.more: dict[str, Any] = {}

    def to_state(self, aggregate: Counter) -> dict[str, Any]:
        return {"n": aggregate.n, "note": aggregate.note}

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> Counter:
        return Counter(id=id, district=district, version=version, n=state["n"], note=state["note"])

    def upcast(self, schema: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        raise AssertionError("there is no older one")

    def encode(self, aggregate: Counter, event: Any) -> EncodedEvent:
        data = f"{event[0]}:{event[1]}:{aggregate.n}{aggregate.note}".encode()
        encoded = EncodedEvent("t.Added", (f"{aggregate.district}:t1",), data, 2027)
        return replace(encoded, **self.more)


class Clock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Rung:
    count: int = 0

    def ring(self) -> None:
        self.count += 1


class Spied(MemoryDocuments):
    """Counts writes, and lets another command in first where a test wants one to win."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.overtaken = 0

    async def insert(self, document: Document, event: PendingEvent) -> None:
        self.writes += 1
        await super().insert(document, event)

    async def replace(
        self,
        before: Document,
        state: Mapping[str, Any],
        event: PendingEvent,
        key: KeyUse | None,
        schema: int = 1,
    ) -> bool:
        self.writes += 1
        if self.overtaken:
            self.overtaken -= 1
            ahead = PendingEvent(event.version, "other", "t.Added", ("d1:t1",), b"other", NOW)
            grown = {**before.state, "n": before.state["n"] + 100}
            assert await super().replace(before, grown, ahead, None)
        return await super().replace(before, state, event, key, schema)


@dataclass
class Bench:
    documents: Spied = field(default_factory=Spied)
    bell: Rung = field(default_factory=Rung)

    def __post_init__(self) -> None:
        self.codec = CounterCodec()
        self.path = WritePath(self.documents, self.codec, Clock(), self.bell)

    async def create(self, call: Call, by: int = 1, note: str = "") -> Counter:
        new = Counter(id=self.path.new_id(call), district=call.district, note=note)
        new.add(by)
        return await self.path.create(call, new)

    async def events(self) -> Sequence[PendingEvent]:
        return [event for each in await self.documents.pending(500) for event in each.events]


def call(key: str = "", content: str = "c", **more: Any) -> Call:
    district, who = more.pop("district", "d1"), more.pop("who", {"person": "p1"})
    principal = Principal(district, **who)
    return Call("count", principal, key=key, fingerprint=content, trace="00-ab", **more)


async def refused(kind: Kind, code: str, answer: Any) -> None:
    with pytest.raises(Fault) as fault:
        await answer
    assert (fault.value.kind, fault.value.code) == (kind, code)
