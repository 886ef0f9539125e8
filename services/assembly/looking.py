"""What every service needs to tell who looked: see `access.book`."""

from __future__ import annotations

from dataclasses import dataclass

from services.access import book
from services.access.book import LookBook
from services.assembly.registry import LOOKS, SERVICES
from services.chassis.backing import Backing
from services.chassis.kernel import Clock
from services.chassis.metrics import Metrics
from services.chassis.observe import LooseMetrics
from services.chassis.write.loose import Unkept
from services.chassis.write.memory_loose import MemoryLooseEvents
from services.chassis.write.mongo_loose import MongoLooseEvents
from services.chassis.write.relay import Relay


@dataclass(frozen=True)
class LookTelling:
    """Who looked: what stores it, and what tells it on. Both run beside an API."""

    book: LookBook
    relay: Relay


def looks_of(name: str, backing: Backing, clock: Clock, metrics: Metrics) -> LookTelling:
    events = backing.own(
        lambda database: MongoLooseEvents(database, book.COLLECTION, clock),
        lambda _: MemoryLooseEvents(clock),
    )
    kept = LookBook(name, events, clock)
    relay = Relay(
        events,
        Unkept(),
        backing.producer,
        topic=LOOKS,
        source=SERVICES[name].source,
        bell=kept.bell,
        watch=LooseMetrics(metrics, clock),
    )
    return LookTelling(kept, relay)
