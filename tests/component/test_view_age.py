"""How old a view is, as a projector's process shows it once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.chassis import observe
from services.chassis.metrics import VIEW_AGE, Metrics
from services.chassis.views.projector import ProjectorCounts
from tests.support.clocks import START, FakeClock


class Held:
    """A projector with some partitions, each seen at its end at an instant, or not at its end."""

    def __init__(self, ends: Mapping[int, datetime | None]) -> None:
        self.ends = dict(ends)
        self.clock, self.counts = FakeClock(), ProjectorCounts()
        self.silent: frozenset[int] = frozenset()
        self.projection = SimpleNamespace(group="insights")
        self.source = SimpleNamespace(
            behind=lambda positions: 0, caught_up_at=lambda number, positions: self.ends[number]
        )

    def positions(self) -> dict[int, dict[str, int]]:
        return {number: {} for number in self.ends}


async def looks(held: Any, monkeypatch: pytest.MonkeyPatch, *steps: Any) -> list[float]:
    """The ages that are observed, with what happens between two looks."""
    metrics, stop, todo = Metrics(), asyncio.Event(), list(steps)
    seen: list[float] = []
    monkeypatch.setattr(metrics.of(VIEW_AGE, "insights"), "observe", seen.append)

    async def next_step(wait: Any, timeout: float) -> None:
        wait.close()
        if not todo:
            stop.set()
            return
        todo.pop(0)()

    monkeypatch.setattr("asyncio.wait_for", next_step)
    await observe.observe_projector(held, metrics, stop)
    return seen


async def test_the_stalest_partition_counts_and_one_that_is_behind_keeps_its_age(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = Held({0: START, 1: START})

    def behind() -> None:
        held.clock.forward(seconds=3)
        held.ends[1] = None

    def read_again() -> None:
        held.clock.forward(seconds=3)
        held.ends.update({0: START + timedelta(seconds=6), 1: START + timedelta(seconds=5)})

    assert await looks(held, monkeypatch, behind, read_again) == [0.0, 3.0, 1.0]


async def test_who_holds_nothing_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held({})

    def given() -> None:
        held.clock.forward(seconds=60)

    def claims() -> None:
        held.clock.forward(seconds=1)
        held.ends[0] = None

    assert await looks(held, monkeypatch, given, claims) == [1.0]
