"""A live caseload that is resumed while a change is stored and not heard of yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.insight import OTHER_COACH, Insights, small_district
from tests.support.live_screen import Screen, connect, truth, waiting

CHANGES: list[Callable[[Insights], None]] = [
    lambda i: i.progress("t1", 12),
    lambda i: i.coached("t1", active=False),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_read_before_it_was_heard_of_reaches_her(
    change: Callable[[Insights], None],
) -> None:
    insights = await small_district()
    screen = Screen()
    for message in await waiting(await connect(insights)):
        screen.receive(message)
    change(insights)
    stored = await insights.project()
    watch = await connect(insights, screen.token)
    await insights.ports.live.hub.changed(stored)
    for message in await waiting(watch):
        screen.receive(message)
    assert screen.agrees(await truth(insights))


async def test_of_others_teachers_she_does_not_hear_even_then() -> None:
    insights = await small_district()
    token = (await waiting(await connect(insights)))[-1].token
    watch = await connect(insights, token)
    await waiting(watch)
    await connect(insights, coach=OTHER_COACH)  # somebody watches them, so they are read
    insights.progress("t3", 12)
    insights.coached("t3", OTHER_COACH, active=False)
    await insights.settle()
    assert await waiting(watch) == []
