"""Where `FollowEvents` goes on: what somebody sends as a position ends nothing but her own stream,
and who cannot go on from hers is told, whatever became of the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from struct import error as StructError

import pytest

from services.chassis import base64url
from services.chassis.edge.follow_rpc import MOST_POSITION, Position, encode_position
from services.chassis.edge.paging import encode_token
from services.chassis.kernel import Kind
from services.chassis.log import memory_following
from services.chassis.log.following import LogPlace
from services.chassis.write.memory_sealing import MemorySealingKey
from tests.support.followed import Bench, running

OWN = "follow_events\x1fd1\x1fd1"  # what a position of no types is bound to


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(memory_following, "WAIT_SECONDS", 0.02)
    async with running(Bench()) as bench:
        yield bench


async def position_of(bench: Bench, *events: str) -> str:
    async with bench.follow() as stream:
        await stream.until(*events)
        answer = await stream.one()
        while answer.past:
            answer = await stream.one()
    return stream.position


@pytest.mark.parametrize(
    "made_up",
    [
        "x",
        "A" * 400,
        "A" * (MOST_POSITION + 1),
        "\u0661" * 40,
        base64url.encode(b"\x02"),
        base64url.encode(b"\x02" + bytes(16)),
        base64url.encode(b"\x02" + bytes(32)),
        encode_token("0.0,0.0,0.0,0.0;", OWN),
        encode_position(Position({0: LogPlace(0)}), OWN, bytes(range(64))),
    ],
    ids="x long longer digits form nonce short token other_key".split(),
)
async def test_what_somebody_made_up_is_refused(bench: Bench, made_up: str) -> None:
    await bench.happen("a", 1)
    async with bench.follow(made_up) as stream:
        fault = await stream.refused()
    assert (fault.kind, fault.code, fault.place) == (Kind.INVALID, "page_token", "/position")


async def test_a_position_that_was_changed_or_is_somebody_elses_is_refused(bench: Bench) -> None:
    await bench.happen("a", 1)
    position = await position_of(bench, "a:1")
    raw = base64url.decode(position)
    changed = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))]
    for each in changed:
        async with bench.follow(base64url.encode(each)) as stream:
            assert (await stream.refused()).code == "page_token"
    for other in (bench.follow(position, district="d2"), bench.follow(position, "t.Other")):
        async with other as stream:
            assert (await stream.refused()).code == "page_token"


async def test_a_position_does_not_tell_what_happens_elsewhere(bench: Bench) -> None:
    """Neither by what is in it nor by its length, nor whether anything has happened at all."""
    await bench.happen("a", 1)
    first = await position_of(bench, "a:1")
    again = await position_of(bench, "a:1")
    await bench.happen("b", *range(1, 2_000), district="d2")
    later = await position_of(bench, "a:1")
    assert len({first, again, later}) == 3
    assert len({len(first), len(again), len(later)}) == 1
    places = [base64url.decode(each)[17:] for each in (first, again, later)]
    for one, other in ((0, 1), (0, 2)):
        same = sum(a == b for a, b in zip(places[one], places[other], strict=True))
        assert same < len(places[0]) / 4
    async with bench.follow(later) as stream:
        await stream.one()
        await bench.happen("a", 2)
        assert await stream.until("a:2") == ["a:2"]


async def test_another_process_of_the_service_knows_the_position(bench: Bench) -> None:
    await bench.happen("a", 1)
    position = await position_of(bench, "a:1")
    stranger = Bench(sealing=MemorySealingKey())
    async with running(stranger), stranger.follow(position) as stream:
        assert (await stream.refused()).code == "page_token"


async def test_a_position_of_less_than_nothing_is_never_written() -> None:
    with pytest.raises(StructError):
        encode_position(Position({0: LogPlace(-1)}), OWN, bytes(64))


async def test_a_topic_that_was_made_again_and_is_shorter_is_said(bench: Bench) -> None:
    await bench.happen("a", *range(1, 9))
    position = await position_of(bench, "a:8")
    async with running(Bench()) as again:
        await again.happen("a", 9, 10)
        async with again.follow(position) as stream:
            fault = await stream.refused()
        assert (fault.kind, fault.code) == (Kind.CONFLICT, "position_lost")
        async with again.follow() as anew:
            await anew.until("a:10")


async def test_a_topic_that_was_made_again_and_is_as_long_is_said(bench: Bench) -> None:
    await bench.happen("a", 1, 2)
    position = await position_of(bench, "a:2")
    async with running(Bench()) as again, again.follow() as anew:
        await anew.one()
        await again.happen("a", 3, 4)
        await anew.until("a:4")
        async with again.follow(position) as stream:
            assert (await stream.refused()).code == "position_lost"


async def test_who_is_further_than_this_process_goes_on(bench: Bench) -> None:
    """She comes from another process, whose reading was ahead."""
    await bench.happen("a", 1, 2)
    async with bench.follow() as kept:
        await kept.one()
        position = await position_of(bench, "a:2")
        partition = next(n for n in range(4) if bench.log.end("things", n))
        bench.followers._at[partition] = LogPlace(0)
        async with bench.follow(position) as stream:
            await stream.one()
            await bench.happen("a", 3)
            assert await stream.until("a:3") == ["a:3"]


@pytest.mark.parametrize("partitions", [2, 6])
async def test_a_topic_of_another_number_of_partitions_is_said(
    bench: Bench, partitions: int
) -> None:
    await bench.happen("a", 1)
    position = await position_of(bench, "a:1")
    async with running(Bench(partitions)) as other, other.follow(position) as stream:
        fault = await stream.refused()
    assert (fault.kind, fault.code) == (Kind.CONFLICT, "position_lost")


async def test_a_partition_that_comes_meanwhile_ends_streams_and_not_the_process(
    bench: Bench,
) -> None:
    await bench.happen("a", 1)
    async with bench.follow() as stream:
        await stream.until("a:1")
        while (await stream.one()).past:
            pass
        bench.log.partitions = 16
        await bench.happen("b", 1)
        assert bench.log.all("things")[-1].partition >= 4
        assert (await stream.refused()).code == "position_lost"
    async with bench.follow() as anew:
        await bench.happen("a", 2)
        await anew.until("a:2")
