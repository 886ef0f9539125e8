"""What one caller, one district and those without a token may hold of a process."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, ExitStack

import pytest

from services.chassis.call import Principal
from services.chassis.edge.shares import FEW, STRANGER, Arrivals, Holder, Room
from services.chassis.kernel import Fault, Kind

MOST = 8  # so 16 places, 2 of one caller


def callers(district: str, count: int) -> list[Holder]:
    return [(district, f"p{number}", "") for number in range(count)]


def refused(room: Room, caller: Holder) -> None:
    with pytest.raises(Fault) as caught, room.request(caller):
        pass
    assert caught.value.kind is Kind.LIMITED


def test_a_district_leaves_room_for_others() -> None:
    room = Room(MOST)
    with ExitStack() as held:
        for caller in callers("north", MOST):
            held.enter_context(room.request(caller))
        refused(room, ("north", "more", ""))
        with room.request(("south", "p", "")):
            pass
    with room.request(("north", "more", "")):
        pass
    assert room.held == 0


def test_who_has_no_token_finds_her_quarter_free() -> None:
    room = Room(MOST)
    with ExitStack() as held:
        for caller in [*callers("north", 7), *callers("south", 7)]:
            held.enter_context(room.request(caller))
        refused(room, ("east", "p", ""))
        for _ in range(MOST // 4):
            held.enter_context(room.request(STRANGER))
        refused(room, STRANGER)


@pytest.mark.parametrize("district", ["somebody", "stranger", ""])
def test_a_district_of_any_name_leaves_room_for_others(district: str) -> None:
    room = Room(MOST)
    with ExitStack() as held:
        for caller in callers(district, MOST):
            held.enter_context(room.request(caller))
        refused(room, (district, "more", ""))
        with room.request(("south", "p", "")):
            pass


def test_a_district_leaves_streams_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.edge.shares.STREAMS", 10)
    room = Room(MOST)
    with ExitStack() as held:
        for caller in callers("north", 8):
            held.enter_context(room.stream(caller))
        with pytest.raises(Fault), room.stream(("north", "more", "")):
            pass
        held.enter_context(room.stream(("south", "p", "")))


async def arrive(arrivals: Arrivals, caller: Holder) -> str:
    """How it ended for somebody who sends nothing."""
    try:
        async with arrivals.wait(60, caller):
            await asyncio.Event().wait()
    except Fault as fault:
        return fault.code
    return ""


async def test_the_slowest_of_the_district_that_has_most_gives_way() -> None:
    arrivals = Arrivals(4, 2)
    coming = [("south", "p", ""), *callers("north", 3)]
    slow = [asyncio.create_task(arrive(arrivals, caller)) for caller in coming]
    await asyncio.sleep(0)
    async with arrivals.wait(60, ("east", "p", "")):
        assert await slow[1] == "too_many_at_once"
        assert [each.done() for each in slow] == [False, True, False, False]
        assert arrivals.count == 4
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    assert arrivals.count == 0


async def test_one_more_of_a_caller_gives_up_her_own() -> None:
    arrivals = Arrivals(4, 2)
    hers, other = ("north", "a", ""), ("north", "b", "")
    slow = [asyncio.create_task(arrive(arrivals, caller)) for caller in (other, hers, hers)]
    await asyncio.sleep(0)
    async with arrivals.wait(60, hers):
        assert await slow[1] == "too_many_at_once"
        assert [each.done() for each in slow] == [False, True, False]
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_who_is_not_known_has_few() -> None:
    room = Room(200)
    async with AsyncExitStack() as stack:
        for person in ("teacher", "nobody"):
            for _ in range(FEW):
                principal = Principal("north", person=person)
                known = person == "teacher"
                await stack.enter_async_context(room.arrival(60, principal, known))
        assert room.arriving == 2 * FEW
        await stack.enter_async_context(room.arrival(60, Principal("north", person="teacher")))
        assert room.arriving == 2 * FEW + 1
