"""Quix Streams with a BatchingSink. `every` 500: a checkpoint each 500 records; 0: its default
of one each 5 s. All partitions of a checkpoint share one read of the rows and one bulk write,
which is kinder than its own MongoDB sink."""

from __future__ import annotations

import logging
from typing import Any

from quixstreams import Application
from quixstreams.sinks import BatchingSink

from bench.sides.kind import Writer
from bench.sides.meter import Meter, given
from services.chassis.log.envelope import Record
from services.chassis.runner import spare_collector
from services.insights.caseload.fold import TOPICS

asked = given()
writer = Writer(asked["mongodb"], asked["database"])


class Sink(BatchingSink):  # type: ignore[misc] # of a package that only benchmarks have
    seen = 0

    def flush(self) -> None:
        records = [
            Record(topic, partition, item.offset, item.key, item.value, item.headers)
            for (topic, partition), batch in self._batches.items()
            for item in batch
        ]
        self._batches.clear()
        if records:
            writer.write(records)
            self.seen += len(records)
        if self.seen >= asked["events"]:
            meter.done(self.seen)
            app.stop()

    def write(self, batch: Any) -> None:
        raise AssertionError("flush writes all batches at once")


app = Application(
    broker_address=asked["kafka"],
    consumer_group=asked["group"],
    auto_offset_reset="earliest",
    commit_every=asked["every"],
    auto_create_topics=False,
    loglevel=logging.ERROR,
)
sink = Sink()
for name in TOPICS:
    topic = app.topic(name, value_deserializer="bytes", key_deserializer="bytes")
    app.dataframe(topic).sink(sink)
spare_collector()
meter = Meter()
app.run()
