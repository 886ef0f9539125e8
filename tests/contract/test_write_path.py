"""From a command to one document write: versions, etags, races and crashes."""

from typing import Any

import pytest

from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import OUTBOX_EVENTS
from services.chassis.write.pending import EVENT_BYTES
from tests.support.counters import NOW, Bench, Counter, call, refused


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_create_stores_version_1_and_its_event(bench: Bench) -> None:
    made = await bench.create(call())
    assert made == await bench.path.get("d1", made.id)
    assert made.version == 1
    (event,) = await bench.events()
    assert event == PendingEvent(
        1, f"{made.id}:1", "t.Added", ("d1:t1",), b"added:1:1", NOW.replace(microsecond=123000),
        year=2027, trace="00-ab",
    )  # fmt: skip
    assert bench.bell.count == 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"year": 2101}, "ce_year"),
        ({"keys": ("d1:t1", "d2:t1")}, "districts"),
        ({"keys": ("d1:\ud800",)}, "text"),
    ],
)
async def test_what_no_reader_could_read_is_refused_and_not_stored(
    bench: Bench, more: dict[str, Any], told: str
) -> None:
    made = await bench.create(call())
    bench.codec.more = more
    with pytest.raises(Fault) as created:
        await bench.create(call())
    with pytest.raises(Fault) as changed:
        await bench.path.change(call("k"), made.id, lambda counter: counter.add(1))
    for refusal in (created.value, changed.value):
        assert (refusal.kind, refusal.code) == (Kind.INVALID, "not_publishable")
        assert told in refusal.detail
    assert bench.documents.writes == 1


async def test_a_change_writes_once_and_answers_the_next_version(bench: Bench) -> None:
    made = await bench.create(call())
    changed = await bench.path.change(call(), made.id, lambda counter: counter.add(2))
    assert (changed.version, changed.n) == (2, 3)
    assert changed == await bench.path.get("d1", made.id)
    assert [event.version for event in await bench.events()] == [1, 2]
    assert (bench.documents.writes, bench.bell.count) == (2, 2)


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
