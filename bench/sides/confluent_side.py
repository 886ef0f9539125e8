"""A consumer written by hand on confluent-kafka: consume(500), read the rows, fold, one bulk
write."""

from __future__ import annotations

from confluent_kafka import Consumer

from bench.sides.kind import Writer
from bench.sides.meter import Meter, given
from services.chassis.log.envelope import Record
from services.chassis.runner import spare_collector
from services.insights.caseload.fold import TOPICS

asked = given()
writer = Writer(asked["mongodb"], asked["database"])
spare_collector()
meter = Meter()
consumer = Consumer(
    {
        "bootstrap.servers": asked["kafka"],
        "group.id": asked["group"],
        "auto.offset.reset": "earliest",
    }
)
consumer.subscribe(list(TOPICS))
seen = 0
while seen < asked["events"]:
    messages = consumer.consume(500, timeout=0.2)
    if messages:
        writer.write(
            [
                Record(m.topic(), m.partition(), m.offset(), m.key(), m.value(), m.headers())
                for m in messages
            ]
        )
        seen += len(messages)
meter.done(seen)
consumer.close()
