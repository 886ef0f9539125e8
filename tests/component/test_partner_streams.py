"""What a partner's program reads for longer than a request ends once it may no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.chassis.call import Principal
from services.chassis.kernel import Kind
from services.chassis.log import memory_following
from tests.support.followed import Bench, running


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(memory_following, "WAIT_SECONDS", 0.02)
    async with running(Bench()) as bench:
        yield bench


async def test_it_ends_for_whoever_has_lost_the_scope_meanwhile(bench: Bench) -> None:
    lost: list[str] = []

    async def now(principal: Principal) -> Principal:
        return replace(principal, scopes=frozenset()) if principal.partner in lost else principal

    bench.renewed = now
    await bench.happen("a", 1)
    async with bench.follow(partner="p") as stream, bench.follow(partner="q") as other:
        await stream.until("a:1")
        await other.until("a:1")
        lost.append("p")
        await bench.happen("a", 2)
        fault = await stream.refused()
        assert (fault.kind, fault.code) == (Kind.FORBIDDEN, "scope_missing")
        assert "a:2" not in stream.got
        assert "a:2" in await other.until("a:2")
