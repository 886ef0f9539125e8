"""Where `FollowEvents` goes on: what somebody sends as a position ends nothing but her own stream,
and who cannot go on from hers is told, whatever became of the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.chassis.edge.follow_rpc import Position, encode_position
from services.chassis.edge.paging import encode_token
from services.chassis.kernel import Kind
from services.chassis.log import memory_following
from services.chassis.log.following import Place
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
    "text",
    [
        "-1.0,0.0,0.0,0.0;",
        "0.-1,0.0,0.0,0.0;",
        "1_0.0,0.0,0.0,0.0;",
        " 1.0,0.0,0.0,0.0;",
        "\u0661.0,0.0,0.0,0.0;",
        "00000000000000.0;",
        "0.00000000;",
        "0.0.0;",
        ",".join(["0.0"] * 1_001),
    ],
)
async def test_what_somebody_made_up_is_refused(bench: Bench, text: str) -> None:
    await bench.happen("a", 1)
    async with bench.follow(encode_token(text, OWN)) as stream:
        fault = await stream.refused()
    assert (fault.kind, fault.code, fault.place) == (Kind.INVALID, "page_token", "/position")


async def test_a_position_of_less_than_nothing_is_never_written() -> None:
    with pytest.raises(ValueError, match="-1"):
        encode_position(Position({0: Place(-1)}), OWN)


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
        bench.followers._at[partition] = Place(0)
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
