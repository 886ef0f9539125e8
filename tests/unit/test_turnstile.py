"""Few of those whom nobody knows are looked at in one turn of the loop."""

from __future__ import annotations

import asyncio
from functools import partial

from services.chassis.edge.turnstile import Turnstile


async def test_few_have_their_turn_in_each_of_the_loops() -> None:
    turnstile, went = Turnstile(4), list[int]()
    at_once = [turnstile.come("a", one, partial(went.append, one)) for one in range(10)]
    assert at_once == [True] * 4 + [False] * 6
    for many in (4, 8, 10, 10):
        assert went == list(range(many))
        await asyncio.sleep(0)
    assert turnstile.waiting == 0
    assert turnstile.come("a", 10, partial(went.append, 10))


async def test_who_comes_while_others_wait_waits_behind_them() -> None:
    turnstile, went = Turnstile(1), list[str]()

    def again() -> None:
        went.append("first")
        turnstile.come("a", "again", partial(went.append, "again"))

    turnstile.come("a", "now", partial(went.append, "now"))
    turnstile.come("a", "first", again)
    turnstile.come("a", "second", partial(went.append, "second"))
    for _ in range(4):
        await asyncio.sleep(0)
    assert went == ["now", "first", "second", "again"]


async def test_each_address_has_its_turn() -> None:
    turnstile, went = Turnstile(2), list[str]()
    for number in range(100):
        turnstile.come("flood", f"flood-{number}", partial(went.append, "flood"))
    for number in range(2):
        turnstile.come(f"school-{number}", "student", partial(went.append, "student"))
    for _ in range(3):
        await asyncio.sleep(0)
    assert went.count("student") == 2


async def test_who_has_gone_has_no_turn() -> None:
    turnstile, went = Turnstile(1), list[int]()
    for one in range(3):
        turnstile.come("a", one, partial(went.append, one))
    turnstile.gone("a", 1)
    turnstile.gone("a", 1)
    turnstile.gone("elsewhere", 1)
    for _ in range(3):
        await asyncio.sleep(0)
    assert went == [0, 2]
    assert turnstile.waiting == 0
