"""What relays, projectors, collectors and duties did, as metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from services.chassis.duties.duty import ReadyDuty
from services.chassis.duties.runner import OUTCOMES
from services.chassis.kernel import Clock
from services.chassis.metrics import (
    CONSUMER_LAG,
    CONSUMER_PARTITIONS,
    CONSUMER_SILENT,
    DUTIES,
    DUTIES_DUE,
    DUTIES_OLDEST_SECONDS,
    LOOSE_FAILURES,
    LOOSE_OLDEST_SECONDS,
    LOOSE_PENDING,
    OUTBOX_OLDEST_SECONDS,
    OUTBOX_PENDING,
    PROJECTOR_COUNTS,
    RELAY_FAILURES,
    RELAY_PUBLISHED,
    RELAY_SECONDS,
    VIEW_AGE,
    Metrics,
)
from services.chassis.rounds import rest
from services.chassis.views.projector import Projector


class RelayMetrics:
    """A `relay.RelayWatch`."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        metrics.begin(RELAY_FAILURES, "publish", "store")

    def saw(self, aggregates: int, oldest: datetime | None) -> None:
        self._metrics.of(OUTBOX_PENDING).set(aggregates)
        self._metrics.of(OUTBOX_OLDEST_SECONDS).set(_age(self._clock, oldest))

    def published(self, records: int, seconds: float) -> None:
        self._metrics.of(RELAY_PUBLISHED).inc(records)
        self._metrics.of(RELAY_SECONDS).observe(seconds)

    def failed(self, step: str) -> None:
        self._metrics.of(RELAY_FAILURES, step).inc()


class LooseMetrics:
    """A `relay.RelayWatch` of events of no aggregate, which have numbers of their own: they may
    wait while all others are published."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        metrics.begin(LOOSE_FAILURES, "publish", "store")

    def saw(self, aggregates: int, oldest: datetime | None) -> None:
        self._metrics.of(LOOSE_PENDING).set(aggregates)
        self._metrics.of(LOOSE_OLDEST_SECONDS).set(_age(self._clock, oldest))

    def published(self, records: int, seconds: float) -> None:
        return None

    def failed(self, step: str) -> None:
        self._metrics.of(LOOSE_FAILURES, step).inc()


class CollectorMetrics:
    """A `log.collector.CollectorWatch` of one group, told as a projector's."""

    def __init__(self, metrics: Metrics, group: str) -> None:
        self._metrics = metrics
        self._group = group

    def holds(self, partitions: int, silent: int, behind: int) -> None:
        self._metrics.of(CONSUMER_PARTITIONS, self._group).set(partitions)
        self._metrics.of(CONSUMER_SILENT, self._group).set(silent)
        self._metrics.of(CONSUMER_LAG, self._group).set(behind)


class DutyMetrics:
    """A `duties.runner.DutyWatch`."""

    def __init__(self, metrics: Metrics, clock: Clock, works: Sequence[ReadyDuty]) -> None:
        self._metrics = metrics
        self._clock = clock
        for work in works:
            for outcome in OUTCOMES:
                metrics.of(DUTIES, work.duty.name, outcome)

    def saw(self, due: int, oldest: datetime | None) -> None:
        self._metrics.of(DUTIES_DUE).set(due)
        self._metrics.of(DUTIES_OLDEST_SECONDS).set(_age(self._clock, oldest))

    def ran(self, duty: str, outcome: str) -> None:
        self._metrics.of(DUTIES, duty, outcome).inc()


def _age(clock: Clock, oldest: datetime | None) -> float:
    """In seconds; 0 where there is nothing, or a clock is behind."""
    return max((clock.now() - oldest).total_seconds(), 0.0) if oldest else 0.0


async def observe_projector(projector: Projector, metrics: Metrics, stop: asyncio.Event) -> None:
    """Copy a projector's counts into gauges every second until `stop`: nothing on its path."""
    group = projector.projection.group
    fresh = projector.clock.now()
    while not stop.is_set():
        for name, value in asdict(projector.counts).items():
            metrics.of(PROJECTOR_COUNTS, group, name).set(value)
        owned = projector.positions()
        metrics.of(CONSUMER_PARTITIONS, group).set(len(owned))
        metrics.of(CONSUMER_SILENT, group).set(len(projector.silent))
        metrics.of(CONSUMER_LAG, group).set(projector.source.behind(owned))
        now = projector.clock.now()
        if owned:
            fresh = max(fresh, read_until(projector) or fresh)
            metrics.of(VIEW_AGE, group).observe(max((now - fresh).total_seconds(), 0.0))
        else:
            fresh = now  # what others hold is theirs to tell
        await rest(stop, 1.0)


def read_until(projector: Projector) -> datetime | None:
    """When all partitions that it holds were last seen to be read to their ends; None where one of
    them is not."""
    seen = [
        projector.source.caught_up_at(number, positions)
        for number, positions in projector.positions().items()
    ]
    known = [each for each in seen if each is not None]
    return min(known) if known and len(known) == len(seen) else None
