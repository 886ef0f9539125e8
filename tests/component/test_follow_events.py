"""`FollowEvents`: the past, then what comes. Nothing is missed, nobody sees another district's, and
who cannot go on is told so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.backoff import Backoff
from services.chassis.edge import beginners
from services.chassis.edge import followers as following
from services.chassis.kernel import Fault, Kind
from services.chassis.log import memory_following
from tests.support.followed import LONG_AGO, NOW, Bench, running
from tests.support.waiting import HANGS


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(memory_following, "WAIT_SECONDS", 0.02)
    async with running(Bench()) as bench:
        yield bench


def named(name: str, *versions: int) -> list[str]:
    return [f"{name}:{version}" for version in versions]


async def test_the_past_comes_first_then_what_happens(bench: Bench) -> None:
    await bench.happen("a", 1, 2, at=LONG_AGO)
    await bench.happen("b", 1, at=LONG_AGO)
    async with bench.follow() as stream:
        first = await stream.one()
        assert first.past
        assert stream.got == ["a:1", "a:2", "b:1"]
        record = first.records[1]
        assert (record.aggregate_id, record.version, record.type) == ("a", 2, "t.Made")
        assert not (await stream.one()).past
        await bench.happen("a", 3)
        assert await stream.until("a:3") == ["a:1", "a:2", "b:1", "a:3"]


async def test_what_is_published_and_in_no_journal_yet_is_not_missed(bench: Bench) -> None:
    await bench.happen("a", 1, at=LONG_AGO)
    bench.journalled = False
    await bench.happen("a", 2, at=NOW - timedelta(minutes=9))
    async with bench.follow() as stream:
        assert await stream.until("a:2") == ["a:1", "a:2"]


async def test_what_happens_while_the_past_is_read_is_not_missed(bench: Bench) -> None:
    for number in range(600):
        await bench.happen(f"m{number:03d}", 1, at=LONG_AGO)
    async with bench.follow() as stream:
        assert len((await stream.one()).records) == 500
        await bench.happen("a", 1)  # before what has been read of the journal
        got = await stream.until("a:1", "m599:1")
    assert len(got) == len(set(got)) == 601


async def test_all_of_a_past_that_takes_several_reads_comes_in_its_order(bench: Bench) -> None:
    await bench.happen("a", *range(1, 11), at=LONG_AGO, size=1_000_000)
    async with bench.follow() as stream:
        while (await stream.one()).past:
            pass
        assert stream.got == named("a", *range(1, 11))


async def test_a_record_is_the_same_from_the_journal_and_from_the_log(bench: Bench) -> None:
    await bench.happen("a", 1)  # a moment ago: it comes from both
    async with bench.follow() as stream:
        past = await stream.one()
        again = await stream.one()
    assert past.records == again.records
    assert past.records[0].keys == ["d1:a"]
    assert past.records[0].year == 2027


@pytest.mark.parametrize("taken", [1, 2, 3])
async def test_it_goes_on_from_each_position(bench: Bench, taken: int) -> None:
    for number in range(600):
        await bench.happen(f"m{number:03d}", 1, at=LONG_AGO)
    async with bench.follow() as stream:
        for _ in range(taken):
            await stream.one()
        position, had = stream.position, stream.got
    await bench.happen("z", 1)
    async with bench.follow(position) as stream:
        rest = await stream.until("z:1")
    assert len(had + rest) == len(set(had + rest)) == 601


async def test_of_chosen_types_alone(bench: Bench) -> None:
    await bench.happen("a", 1, at=LONG_AGO)
    await bench.happen("a", 2, type_="t.Closed", at=LONG_AGO)
    async with bench.follow("", "t.Closed", "t.Sung") as stream:
        await stream.until("a:2")
        await bench.happen("a", 3)
        await bench.happen("b", 1, type_="t.Closed")
        assert await stream.until("b:1") == ["a:2", "b:1"]


async def test_nobody_sees_another_districts(bench: Bench) -> None:
    await bench.happen("theirs", 1, district="d2", at=LONG_AGO)
    await bench.happen("mine", 1, at=LONG_AGO)
    async with bench.follow() as stream, bench.follow(district="d2") as other:
        await stream.until("mine:1")
        await other.until("theirs:1")
        await bench.happen("theirs", 2, 3, district="d2")
        await bench.happen("mine", 2)
        assert await stream.until("mine:2") == named("mine", 1, 2)
        assert await other.until("theirs:3") == named("theirs", 1, 2, 3)
        position = other.position
    async with bench.follow(position) as stream:  # and by her position neither
        fault = await stream.refused()
    assert (fault.kind, fault.code, fault.place) == (Kind.INVALID, "page_token", "/position")


@pytest.mark.parametrize("position", ["x", "AAAA", "x" * 20_000])
async def test_what_is_no_position_is_refused(bench: Bench, position: str) -> None:
    async with bench.follow(position) as stream:
        assert (await stream.refused()).code == "page_token"


async def test_a_position_is_of_its_types(bench: Bench) -> None:
    async with bench.follow("", "t.Made") as stream:
        await stream.one()
    async with bench.follow(stream.position, "t.Made", "t.Closed") as other:
        assert (await other.refused()).place == "/position"


async def test_who_reads_too_slowly_is_told_and_goes_on_from_her_position(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MAILBOX_BYTES", 20_000)
    async with bench.follow() as slow, bench.follow() as quick:
        await slow.one()
        await quick.one()
        for version in range(1, 31):
            await bench.happen("a", version, size=1_000)
            await quick.until(f"a:{version}")
        fault = await slow.refused()
        assert (fault.kind, fault.code) == (Kind.LIMITED, "slow_reader")
        assert len(slow.got) < 30
    async with bench.follow(slow.position) as stream:
        got = slow.got + await stream.until(*named("a", 30))
    assert got == named("a", *range(1, 31))


async def test_who_has_much_to_catch_up_with_does_and_hears_what_came_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MAILBOX_BYTES", 20_000)
    async with bench.follow() as stream:
        await stream.one()
    await bench.happen("a", *range(1, 2_001))
    async with bench.follow(stream.position) as other:
        await other.one()  # and more than her mailbox holds comes before she has all of it
        await bench.happen("a", *range(2_001, 2_201), size=1_000)
        await other.until("a:2200")
    assert other.got == named("a", *range(1, 2_201))


async def test_what_came_while_she_caught_up_comes_once(bench: Bench) -> None:
    async with bench.follow() as stream:
        await stream.one()
    await bench.happen("a", *range(1, 2_101))
    async with bench.follow(stream.position) as other:
        await other.one()
        await bench.happen("a", *range(2_101, 2_106))  # she reads them, and hears of them, too
        await other.until("a:2105")
        await bench.happen("a", 2_106)
        await other.until("a:2106")
    assert other.got == named("a", *range(1, 2_107))


async def test_a_topic_that_was_made_again_is_said(bench: Bench) -> None:
    await bench.happen("a", 1, 2)
    async with bench.follow() as stream:
        await stream.until("a:2")
        await stream.one()
        position = stream.position
    bench.log.make_again("things")
    await bench.happen("a", *range(3, 9))
    async with bench.follow(position) as other:
        fault = await other.refused()
    assert (fault.kind, fault.code) == (Kind.CONFLICT, "position_lost")
    async with bench.follow() as anew:
        await anew.until("a:8")


async def test_a_topic_that_is_made_again_meanwhile_is_said(bench: Bench) -> None:
    await bench.happen("a", 1, 2)
    async with bench.follow() as stream:
        await stream.until("a:2")
        await stream.one()
        bench.log.make_again("things")
        await bench.happen("a", 1)
        assert (await stream.refused()).code == "position_lost"


async def test_all_who_have_kept_up_share_one_reading(bench: Bench) -> None:
    async with bench.follow() as one, bench.follow() as two, bench.follow() as three:
        streams = (one, two, three)
        for each in streams:
            await each.one()
        assert bench.topic.reads == 1
        await bench.happen("a", 1)
        for each in streams:
            assert await each.until("a:1") == ["a:1"]


async def test_where_nothing_comes_the_position_moves_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0.01)
    async with bench.follow() as stream, bench.follow(district="d2") as other:
        before = (await stream.one()).position
        await other.one()
        await bench.happen("theirs", 1, district="d2")
        await other.until("theirs:1")
        async with asyncio.timeout(HANGS):
            while (await stream.one()).position == before:
                assert not stream.got


async def test_a_log_that_is_away_is_said_and_it_goes_on_later(bench: Bench) -> None:
    async with bench.follow() as stream:
        await stream.one()
        position = stream.position
        bench.topic.down = True
        await bench.happen("a", 1)
        fault = await stream.refused()
        assert (fault.kind, fault.code) == (Kind.UNAVAILABLE, "log_unavailable")
    bench.topic.down = False
    async with bench.follow(position) as other:
        assert await other.until("a:1") == ["a:1"]


async def test_a_log_that_was_read_is_tried_again_at_once_however_often_it_goes_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []

    class Noting(Backoff):
        def next(self) -> float:
            paused.append(self._pause)
            other.topic.down = False
            return super().next() * 0

    monkeypatch.setattr(following, "Backoff", Noting)
    async with running(Bench()) as other:
        for version in range(1, 5):
            async with other.follow() as stream:
                await stream.one()
                await other.happen("a", version)
                await stream.until(f"a:{version}")
                other.topic.down = True
                assert (await stream.refused()).code == "log_unavailable"
    assert set(paused) == {0.5}


async def test_it_ends_with_the_process() -> None:
    bench, stop = Bench(), asyncio.Event()
    reading = asyncio.create_task(bench.followers.run(stop))
    async with bench.follow() as stream:
        await stream.one()
        stop.set()
        await reading
        with pytest.raises(StopAsyncIteration):
            await stream.one()
    async with bench.follow() as other:
        assert (await other.refused()).code == "too_many_streams"


async def test_there_are_so_many_and_no_more(bench: Bench) -> None:
    bench.followers._most = 2
    async with bench.follow() as one, bench.follow() as two, bench.follow() as three:
        await one.one()
        await two.one()
        fault = await three.refused()
        assert (fault.kind, fault.code) == (Kind.LIMITED, "too_many_streams")


async def test_it_ends_with_the_token(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0.01)
    async with bench.follow() as stream:
        await stream.one()
        await stream.one()
        stream.call.principal = replace(stream.call.principal, ends_at=time.time())
        with pytest.raises(StopAsyncIteration):
            await stream.one()


async def test_who_comes_while_the_reading_is_left_waits_for_the_next_one(bench: Bench) -> None:
    async with bench.follow() as stream:
        await stream.one()
    bench.topic.held = asyncio.Event()
    async with asyncio.timeout(HANGS):
        await bench.topic.left.wait()
        async with bench.follow(stream.position) as other:
            begun = asyncio.create_task(other.one())
            await bench.followers._asked.wait()
            bench.topic.held.set()
            await begun
            await bench.happen("a", 1)
            assert await other.until("a:1") == ["a:1"]


async def catching_up(bench: Bench) -> dict[str, str]:
    """A position in each of three districts that much has happened since."""
    found = {}
    for district in ("d1", "d2", "d3"):
        async with bench.follow(district=district) as stream:
            await stream.one()
        found[district] = stream.position
    for district in found:
        await bench.happen(district, *range(1, 601), district=district)
    return found


async def test_nobody_has_all_the_places_of_those_who_catch_up(bench: Bench) -> None:
    at = await catching_up(bench)
    refused: list[tuple[Kind, str]] = []
    async with AsyncExitStack() as streams:

        async def begins(partner: str, district: str) -> bool:
            each = bench.follow(at[district], district=district, partner=partner)
            stream = await streams.enter_async_context(each)
            try:
                await stream.one()
            except Fault as fault:
                refused.append((fault.kind, fault.code))
                return False
            return True

        assert await begins("p", "d1")
        assert not await begins("p", "d1")  # one of a caller
        assert await begins("q", "d1")
        assert not await begins("r", "d1")  # two of a district
        assert await begins("p", "d2")
        assert await begins("q", "d2")
        assert not await begins("p", "d3")  # and four in all
    assert set(refused) == {(Kind.LIMITED, "too_many_begin")}


async def test_who_does_not_take_what_is_read_for_her_makes_place(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginners, "TAKEN_SECONDS", 0.05)
    at = await catching_up(bench)
    async with bench.follow(at["d1"]) as stalled:
        await stalled.one()
        bench.topic.left.clear()
        async with asyncio.timeout(HANGS):
            await bench.topic.left.wait()
        async with bench.follow(at["d1"]) as other:
            await other.until("d1:600")
        fault = await stalled.refused()
        assert (fault.kind, fault.code) == (Kind.LIMITED, "slow_reader")
    async with bench.follow(stalled.position) as anew:
        got = stalled.got + await anew.until("d1:600")
    assert got == [f"d1:{version}" for version in range(1, 601)]


async def test_the_slowest_of_all_is_dropped_where_all_wait_for_too_much(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ALL_BYTES", 100_000)
    async with (
        bench.follow() as most,
        bench.follow(district="d2") as little,
        bench.follow() as quick,
        bench.follow(district="d2") as quick_too,
    ):
        for each in (most, little, quick, quick_too):
            await each.one()
        for version in (1, 2, 3):
            await bench.happen("b", version, district="d2", size=10_000)
            await quick_too.until(f"b:{version}")
        for version in range(1, 8):
            await bench.happen("a", version, size=10_000)
            await quick.until(f"a:{version}")
        assert (await most.refused()).code == "slow_reader"
        await little.until("b:3")
