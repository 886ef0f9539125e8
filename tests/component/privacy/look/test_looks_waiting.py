"""What of who looked is not told yet can be seen: what waits at an API, and what its collector has
not read."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from services.access.book import LookBook
from services.assembly.registry import LOOKS, LOOKS_GROUP
from services.chassis.call import Call, Principal
from services.chassis.log import collector
from services.chassis.log.memory_log import Fate, MemoryProducer
from services.chassis.log.memory_source import MemorySource
from services.chassis.log.producer import ProducerError
from services.chassis.log.source import SourceDown
from services.chassis.log.topics import PARTITIONS
from tests.support.platform import Platform


def shown(platform: Platform, service: str, name: str) -> float:
    """The value of a series in what a process tells Prometheus."""
    told = platform.services[service].app.state.gate.metrics.exposition().decode()
    (found,) = [line for line in told.splitlines() if line.startswith(f"{name} ")]
    return float(found.rpartition(" ")[2])


def note(book: LookBook, operation: str) -> None:
    call = Call(operation, Principal("north", person="coach-01"))
    book.note(call, "goal", "allowed", "coach", "", ["teacher-0001"])


async def down(*_: Any) -> Any:
    raise SourceDown("no broker")


async def test_what_no_broker_takes_is_seen_to_wait_at_its_service_alone() -> None:
    platform = Platform()
    looks = platform.services["goals"].looks
    assert looks is not None
    fates = [Fate.LOST]
    refusing = partial(MemoryProducer, platform.log, lambda topic, key: fates[-1])
    looks.relay._producer_factory = refusing
    note(looks.book, "get_goal")
    await looks.book.flush()
    platform.clock.forward(seconds=400)
    with pytest.raises(ProducerError):
        await looks.relay.round()
    looks.relay._watch.failed("publish")  # as its loop does
    goals = partial(shown, platform, "goals")
    assert goals("tandem_looks_pending") == 1
    assert goals("tandem_looks_oldest_age_seconds") == 400
    assert goals('tandem_looks_failures_total{step="publish"}') == 1
    assert goals('tandem_looks_failures_total{step="store"}') == 0
    fates.append(Fate.ACKED)
    await platform.settle()
    assert goals("tandem_looks_pending") == goals("tandem_looks_oldest_age_seconds") == 0
    assert platform.log.all(LOOKS)


async def test_what_its_collector_holds_and_has_not_read_is_seen_as_of_a_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = Platform()
    await platform.settle()
    of_looks = partial(shown, platform, "privacy")
    held = f'tandem_consumer_assigned_partitions{{group="{LOOKS_GROUP}"}}'
    lag = f'tandem_consumer_lag_records{{group="{LOOKS_GROUP}"}}'
    assert (of_looks(held), of_looks(lag)) == (PARTITIONS, 0)
    goals = platform.services["goals"].looks
    assert goals is not None
    for operation in ("get_goal", "list_goals", "activate_goal"):
        note(goals.book, operation)
    await goals.book.flush()
    await goals.relay.round()
    monkeypatch.setattr(collector, "MOST", 1)  # a round
    for left in (2, 1, 0):
        await platform.carry_out()
        assert of_looks(lag) == left
    monkeypatch.setattr(MemorySource, "fetch", down)
    with pytest.raises(SourceDown):
        await platform.carry_out()
    assert (of_looks(held), of_looks(lag)) == (0, 0)
