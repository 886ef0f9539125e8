"""From a command to one document write: keys, etags, races and replays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.call import Call, Principal
from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Aggregate, Fault, Kind, conflict
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import OUTBOX_EVENTS, Document, KeyUse
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.write_path import EVENT_BYTES, EncodedEvent, WritePath

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

    def to_state(self, aggregate: Counter) -> dict[str, Any]:
        return {"n": aggregate.n, "note": aggregate.note}

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> Counter:
        return Counter(id=id, district=district, version=version, n=state["n"], note=state["note"])

    def encode(self, aggregate: Counter, event: Any) -> EncodedEvent:
        data = f"{event[0]}:{event[1]}:{aggregate.n}{aggregate.note}".encode()
        return EncodedEvent("t.Added", (f"{aggregate.district}:t1",), data, 2027)


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
        self, before: Document, state: Mapping[str, Any], event: PendingEvent, key: KeyUse | None
    ) -> bool:
        self.writes += 1
        if self.overtaken:
            self.overtaken -= 1
            ahead = PendingEvent(event.version, "other", "t.Added", ("d1:t1",), b"other", NOW)
            grown = {**before.state, "n": before.state["n"] + 100}
            assert await super().replace(before, grown, ahead, None)
        return await super().replace(before, state, event, key)


@dataclass
class Bench:
    documents: Spied = field(default_factory=Spied)
    bell: Rung = field(default_factory=Rung)

    def __post_init__(self) -> None:
        self.path = WritePath(self.documents, CounterCodec(), Clock(), self.bell)

    async def create(self, call: Call, by: int = 1, note: str = "") -> Counter:
        new = Counter(id=self.path.new_id(call), district=call.district, note=note)
        new.add(by)
        return await self.path.create(call, new)

    async def events(self) -> Sequence[PendingEvent]:
        return [event for each in await self.documents.pending(500) for event in each.events]


def call(key: str = "", content: str = "c", **more: Any) -> Call:
    principal = Principal(more.pop("district", "d1"), person="p1")
    return Call("count", principal, key=key, fingerprint=content, trace="00-ab", **more)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def refused(kind: Kind, code: str, answer: Any) -> None:
    with pytest.raises(Fault) as fault:
        await answer
    assert (fault.value.kind, fault.value.code) == (kind, code)


async def test_a_create_stores_version_1_and_its_event(bench: Bench) -> None:
    made = await bench.create(call())
    assert made == await bench.path.get("d1", made.id)
    assert made.version == 1
    (event,) = await bench.events()
    assert event == PendingEvent(
        1, f"{made.id}:1", "t.Added", ("d1:t1",), b"added:1:1", NOW.replace(microsecond=123000),
        school_year=2027, trace="00-ab",
    )  # fmt: skip
    assert bench.bell.count == 1


async def test_a_create_that_comes_back_meets_its_own_result(bench: Bench) -> None:
    made = await bench.create(call("k"))
    again = call("k")
    assert await bench.create(again) == made
    assert again.replayed
    assert len(await bench.events()) == 1


async def test_the_same_key_means_another_thing_elsewhere(bench: Bench) -> None:
    ids = {
        (await bench.create(each)).id
        for each in (call("k"), call("k", district="d2"), call("k2"), call(), call())
    }
    assert len(ids) == 5


async def test_a_create_key_with_other_content_is_refused(bench: Bench) -> None:
    await bench.create(call("k"))
    await refused(Kind.KEY_REUSED, "idempotency_key_reused", bench.create(call("k", "other")))


async def test_an_id_taken_by_another_create_is_a_conflict(bench: Bench) -> None:
    def new() -> Counter:
        counter = Counter(id="given", district="d1")
        counter.add(1)
        return counter

    await bench.path.create(call("k"), new())
    await refused(Kind.CONFLICT, "already_exists", bench.path.create(call(), new()))
    await refused(Kind.CONFLICT, "already_exists", bench.path.create(call("x"), new()))


async def test_a_change_writes_once_and_answers_the_next_version(bench: Bench) -> None:
    made = await bench.create(call())
    changed = await bench.path.change(call(), made.id, lambda counter: counter.add(2))
    assert (changed.version, changed.n) == (2, 3)
    assert changed == await bench.path.get("d1", made.id)
    assert [event.version for event in await bench.events()] == [1, 2]
    assert (bench.documents.writes, bench.bell.count) == (2, 2)


async def test_a_change_that_comes_back_has_one_effect(bench: Bench) -> None:
    made = await bench.create(call())
    await bench.path.change(call("k"), made.id, lambda counter: counter.add(2))
    await bench.path.change(call(), made.id, lambda counter: counter.add(1))
    again = call("k")
    answer = await bench.path.change(again, made.id, lambda counter: counter.add(2))
    assert (answer.version, answer.n, again.replayed) == (3, 4, True)
    assert len(await bench.events()) == 3


async def test_a_replay_is_answered_though_the_change_reached_a_bound(bench: Bench) -> None:
    made = await bench.create(call())

    def bounded(counter: Counter) -> None:
        if counter.n >= 2:
            raise Fault(Kind.LIMITED, "too_much", "A counter ends at 2.")
        counter.add(1)

    await bench.path.change(call("k"), made.id, bounded)
    again = call("k")
    assert (await bench.path.change(again, made.id, bounded)).n == 2
    assert again.replayed
    await refused(Kind.LIMITED, "too_much", bench.path.change(call("l"), made.id, bounded))


async def test_a_replay_is_answered_though_the_state_now_forbids_it_or_the_etag_is_old(
    bench: Bench,
) -> None:
    made = await bench.create(call())
    await bench.path.change(call("k", if_match=1), made.id, lambda counter: counter.add(1))
    again = call("k", if_match=1)
    answer = await bench.path.change(again, made.id, lambda counter: counter.add(-1))
    assert (answer.n, again.replayed) == (2, True)


async def test_a_change_key_with_other_content_is_refused(bench: Bench) -> None:
    made = await bench.create(call())
    await bench.path.change(call("k"), made.id, lambda counter: counter.add(1))
    other = bench.path.change(call("k", "other"), made.id, lambda counter: counter.add(5))
    await refused(Kind.KEY_REUSED, "idempotency_key_reused", other)


async def test_a_key_of_a_create_is_not_another_key_of_a_change(bench: Bench) -> None:
    made = await bench.create(call("k"))
    changed = bench.path.change(call("k", "other"), made.id, lambda counter: counter.add(5))
    await refused(Kind.KEY_REUSED, "idempotency_key_reused", changed)


async def test_an_old_etag_is_stale_and_writes_nothing(bench: Bench) -> None:
    made = await bench.create(call())
    await bench.path.change(call(if_match=1), made.id, lambda counter: counter.add(1))
    stale = bench.path.change(call(if_match=1), made.id, lambda counter: counter.add(1))
    await refused(Kind.STALE, "stale_version", stale)
    assert bench.documents.writes == 2


async def test_a_lost_race_is_decided_again_on_the_newer_state(bench: Bench) -> None:
    made = await bench.create(call())
    bench.documents.overtaken = 3
    seen: list[int] = []

    def act(counter: Counter) -> None:
        seen.append(counter.n)
        counter.add(1)

    changed = await bench.path.change(call("k"), made.id, act)
    assert seen == [1, 101, 201, 301]
    assert (changed.version, changed.n) == (5, 302)
    assert [event.version for event in await bench.events()] == [1, 2, 3, 4, 5]


async def test_a_lost_race_against_an_etag_is_stale(bench: Bench) -> None:
    made = await bench.create(call())
    bench.documents.overtaken = 1
    change = bench.path.change(call(if_match=1), made.id, lambda counter: counter.add(1))
    await refused(Kind.STALE, "stale_version", change)


async def test_races_lost_without_end_are_given_back_to_the_caller(bench: Bench) -> None:
    made = await bench.create(call())
    bench.documents.overtaken = 99
    change = bench.path.change(call(), made.id, lambda counter: counter.add(1))
    await refused(Kind.UNAVAILABLE, "contention", change)


async def test_a_change_without_an_event_writes_nothing(bench: Bench) -> None:
    made = await bench.create(call())
    answer = await bench.path.change(call("k"), made.id, lambda counter: counter.add(0))
    assert (answer.version, bench.documents.writes, bench.bell.count) == (1, 1, 1)


async def test_what_is_missing_and_what_is_anothers_look_alike(bench: Bench) -> None:
    made = await bench.create(call())
    for district, name in (("d2", made.id), ("d1", "unknown")):
        await refused(Kind.NOT_FOUND, "not_found", bench.path.get(district, name))
        change = bench.path.change(call(district=district), name, lambda counter: counter.add(1))
        await refused(Kind.NOT_FOUND, "not_found", change)
    assert bench.documents.writes == 1


async def test_publishing_that_cannot_keep_up_refuses_more(bench: Bench) -> None:
    made = await bench.create(call())
    for _ in range(OUTBOX_EVENTS - 1):
        await bench.path.change(call(), made.id, lambda counter: counter.add(1))
    change = bench.path.change(call(), made.id, lambda counter: counter.add(1))
    await refused(Kind.UNAVAILABLE, "outbox_full", change)


async def test_an_event_that_no_record_can_hold_is_refused_before_it_is_written(
    bench: Bench,
) -> None:
    create = bench.create(call(), note="x" * EVENT_BYTES)
    await refused(Kind.TOO_LARGE, "event_too_large", create)
    assert bench.documents.writes == 0


def die_at(name: str) -> Any:
    def hook(point: str) -> None:
        if point == name:
            raise Crashed(name)

    return hook


@pytest.mark.parametrize(("point", "written"), [("W1", 0), ("W2", 1)])
async def test_a_retry_after_a_crash_has_one_effect(bench: Bench, point: str, written: int) -> None:
    with crashing(die_at(point)), pytest.raises(Crashed):
        await bench.create(call("k"))
    assert len(await bench.events()) == written
    made = await bench.create(call("k"))
    with crashing(die_at(point)), pytest.raises(Crashed):
        await bench.path.change(call("c"), made.id, lambda counter: counter.add(1))
    again = call("c")
    changed = await bench.path.change(again, made.id, lambda counter: counter.add(1))
    assert (changed.n, again.replayed) == (2, bool(written))
    assert [event.version for event in await bench.events()] == [1, 2]
