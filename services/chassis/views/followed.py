"""Records whose traces are followed into the rows that they change.

Of each record of a sampled trace there is a span from before it is folded until its rows are
stored. A row names the span that changed it last, in the field `trace`: whoever tells of the row
goes on from there. The field is none of what is shown or compared, and goes with the next change
that nobody follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.trace import SpanKind

from services.chassis.tracing import Tracer
from services.chassis.views.lot import LotItem

TRACE = "trace"


@dataclass
class Traces:
    """The spans of a batch by the ids of events; `done` once it is stored."""

    by_event: Mapping[str, str] = field(default_factory=dict)
    done: bool = False


class TraceFollowing:
    def __init__(self, tracer: Tracer, group: str) -> None:
        self._tracer = tracer
        self._name = f"project {group}"

    @contextmanager
    def __call__(self, items: Sequence[LotItem]) -> Iterator[Traces]:
        """Costs nothing where no span leaves the process."""
        if not self._tracer.exports:
            yield Traces()
            return
        spans = {}
        for item in items:
            if item.envelope is not None and item.envelope.trace:
                told = {"messaging.kafka.partition": item.record.partition}
                span = self._tracer.follow(self._name, item.envelope.trace, SpanKind.CONSUMER, told)
                if span is not None:
                    spans[item.envelope.event_id] = span
        traces = Traces({event: span.traceparent for event, span in spans.items()})
        try:
            yield traces
        finally:
            for span in spans.values():
                if not traces.done:
                    span.failed()
                span.end()
