"""Every route against its own OpenAPI document, as `tests/component/test_schemathesis.py` does
it in short."""

from __future__ import annotations

import asyncio
import itertools
import time

from tests.component.test_schemathesis import MODES, NORTH, ROUTES, kept
from tests.fuzz.tally import Tally, Wrong
from tests.support.filled import Filled

ROUND = 25  # requests of each route and mode in turn, so that none is last
SECONDS = 120.0  # after which no new round begins


async def documents(seed: int, each: int) -> Tally:
    """Up to `each` requests of every route and mode, fewer where time is up."""
    platform = Filled()
    await platform.fill(NORTH)
    tally, ends = Tally("documents", seed), time.monotonic() + SECONDS
    sent = 0
    while sent < each and (sent == 0 or time.monotonic() < ends):
        most = min(ROUND, each - sent)
        for route, mode in itertools.product(ROUTES, MODES):
            chosen = seed * 1_000_003 + sent
            try:
                # in a thread, because it has an event loop of its own for each request
                statuses = await asyncio.to_thread(kept, platform, route, mode, most, chosen)
            except (Exception, BaseExceptionGroup) as error:  # as schemathesis raises
                where = f"{route.operation} {mode.value}, seed {chosen}, {most} examples"
                raise Wrong(f"{where}: {error}") from error
            for status, count in statuses.items():
                tally.answers[f"{status // 100}xx"] += count
            tally.targets.add(route.operation)
        sent += most
    # schemathesis and hypothesis keep what they have made: the memory says nothing of services
    tally.note = f"  {sent} a route and mode; memory is not looked at"
    return tally
