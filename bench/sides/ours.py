"""The insights projector as it ships, on the given engines; `limit` holds it to so many
records a batch."""

from __future__ import annotations

import dataclasses
from typing import Any

import uvloop

from bench.sides.meter import Meter, given
from services.chassis.kernel import SystemClock
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.mongo import connect, database
from services.chassis.runner import spare_collector
from services.chassis.views.batch import Limits
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projector import Projector
from services.insights.caseload.fold import insights_projection
from services.insights.caseload.mongo_cards import MongoCards


async def main(asked: dict[str, Any]) -> None:
    projection = dataclasses.replace(insights_projection(), group=asked["group"])
    own = database(connect(asked["mongodb"], "bench"), asked["database"])
    views = MongoViews(own)
    await views.ensure_indexes()
    await MongoCards(own, views).ensure_indexes()
    limit = asked.get("limit")
    limits = Limits(records=limit, burst=limit) if limit else Limits()
    spare_collector()
    meter = Meter()
    source = KafkaSource(ConsumerSettings(asked["kafka"], projection.consumers, projection.topics))
    projector = Projector(source, views, projection, SystemClock(), limits)
    counts = projector.counts
    while counts.records < asked["events"]:
        await projector.round()
    meter.done(
        counts.records, batches=counts.batches, row_updates=counts.rows, rows_read=counts.loaded
    )
    await projector.leave()


uvloop.run(main(given()))
