"""What a device says of the time stands beside what the service says, in one write, and decides
nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.edge.device_times import device_times_of, told
from services.chassis.fields import Resource, instant_near
from services.chassis.kernel import DeviceTime
from services.chassis.write.stored_events import from_stored, to_stored
from tests.support.counters import NOW, Bench, Counter, call

MONDAY = datetime(2026, 10, 26, 7, 30, tzinfo=UTC)
WRITTEN = NOW.replace(microsecond=123000)
BEGAN = WRITTEN - timedelta(milliseconds=40)


def add(counter: Counter) -> None:
    counter.add(1)


async def test_both_times_are_kept_by_the_one_write_and_said_again_to_who_comes_again() -> None:
    bench = Bench()
    dated = replace(call("made"), made_at=MONDAY, since=BEGAN)
    made = await bench.create(dated)
    assert bench.documents.writes == 1
    other = replace(call("changed"), made_at=MONDAY + timedelta(hours=1), since=BEGAN)
    await bench.path.change(other, made.id, add)
    await bench.path.change(call("online"), made.id, add)
    assert bench.documents.writes == 3
    first = DeviceTime("made", 1, BEGAN, WRITTEN, MONDAY)
    second = DeviceTime("changed", 2, BEGAN, WRITTEN, MONDAY + timedelta(hours=1))
    there = await bench.path.get("d1", made.id)
    assert there.device_times == (first, second)
    assert (dated.timed, other.timed) == ({made.id: first}, {made.id: second})
    events = await bench.events()
    assert [each.made_at for each in events] == [MONDAY, MONDAY + timedelta(hours=1), None]
    assert {each.occurred_at for each in events} == {WRITTEN}  # by which all is in order
    again = replace(call("changed"), made_at=MONDAY + timedelta(days=300), since=NOW)
    await bench.path.change(again, made.id, add)
    assert (again.replayed, again.timed) == (True, {made.id: second})


async def test_what_changes_nothing_has_no_time() -> None:
    bench = Bench()
    made = await bench.create(call("made"))
    nothing = replace(call("k"), made_at=MONDAY, since=BEGAN)
    await bench.path.change(nothing, made.id, lambda counter: counter.add(0))
    assert nothing.timed == {}
    assert (await bench.path.get("d1", made.id)).device_times == ()


async def test_an_event_that_an_older_build_has_kept_has_none() -> None:
    bench = Bench()
    await bench.create(replace(call("made"), made_at=MONDAY, since=BEGAN))
    (event,) = await bench.events()
    assert from_stored(to_stored(event)) == event
    older = {name: value for name, value in to_stored(event).items() if name != "made_at"}
    assert from_stored(older) == replace(event, made_at=None)


class Part(Resource):
    recorded_at: datetime


class Shown(Resource):
    begun_at: datetime
    ended_at: datetime | None
    parts: list[Part]


def test_an_answer_says_the_other_time_of_the_instants_alone_that_it_tells() -> None:
    def at(second: int) -> datetime:
        return WRITTEN + timedelta(seconds=second)

    def done(second: int, made_at: datetime) -> DeviceTime:
        return DeviceTime("k", 1, at(second), at(second + 2), made_at)

    hidden = done(50, MONDAY)  # what she is not shown was done then
    known = [done(0, MONDAY), done(9, MONDAY), done(10, MONDAY + timedelta(hours=1)), hidden]
    shown = Shown(
        begun_at=at(-1), ended_at=None, parts=[Part(recorded_at=at(1)), Part(recorded_at=at(11))]
    )
    times = device_times_of(shown, known)
    assert times == {at(1): MONDAY, at(11): MONDAY + timedelta(hours=1)}  # it began last
    assert told(times) == (
        "2026-11-02T08:00:01.123Z=2026-10-26T07:30:00.000Z, "
        "2026-11-02T08:00:11.123Z=2026-10-26T08:30:00.000Z"
    )
    assert device_times_of(shown, ()) == {}


def test_a_clock_that_is_years_off_says_nothing_and_what_is_no_time_is_refused() -> None:
    assert instant_near("2026-10-26t09:30:00.123456+02:00") == MONDAY.replace(microsecond=123000)
    for off in ("1970-01-01T00:00:12Z", "9999-12-31T23:59:59-12:00", "2000-01-01T00:00:00+14:00"):
        assert instant_near(off) is None
    for wrong in ("yesterday", "2026-10-26", "2026-10-26T09:30:00", "2026-02-30T00:00:00Z"):
        with pytest.raises(ValueError):
            instant_near(wrong)
