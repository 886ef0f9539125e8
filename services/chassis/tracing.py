"""Traces: one span per request, and in its trace one for each record that is published, folded or
told because of it; W3C traceparent as a string.

Whether a trace is sampled is decided once, at its root, by its id; what is not sampled
costs a context variable and no span. Spans leave in batches from a thread of their own,
so an exporter that is down loses spans and delays nothing.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

Attribute = str | int | float | bool

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
# Nothing rests on nobody guessing an id, and a system call gives the interpreter away.
_random = random.Random(secrets.token_bytes(32))  # noqa: S311
_current: ContextVar[str] = ContextVar("traceparent", default="")


class Span:
    """What code may say about a span; says nothing where the trace is not sampled."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, traceparent: str, span: trace.Span | None) -> None:
        self.traceparent = traceparent
        self._span = span

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]

    def set(self, name: str | None = None, **attributes: Attribute) -> None:
        """Rename the span or add attributes; `_` in a keyword stands for `.`."""
        if self._span is None:
            return
        if name:
            self._span.update_name(name)
        for key, value in attributes.items():
            self._span.set_attribute(key.replace("_", "."), value)

    def forget(self) -> None:
        """Of what is never to be counted: it does not leave the process."""
        self._span = None

    def failed(self) -> None:
        if self._span is not None:
            self._span.set_status(trace.StatusCode.ERROR)

    def end(self) -> None:
        if self._span is not None:
            self._span.end()


class Current:
    """A span that is current for the code inside, and ends with it."""

    __slots__ = ("_before", "_of")

    def __init__(self, of: Span) -> None:
        self._of = of

    def __enter__(self) -> Span:
        self._before = _current.set(self._of.traceparent)
        return self._of

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._of.failed()
        with suppress(ValueError):  # a stream may be closed from another context
            _current.reset(self._before)
        self._of.end()


class Tracer:
    """Makes the spans of one process. `endpoint` empty: none leave, ids still flow."""

    def __init__(
        self,
        service: str,
        *,
        version: str = "",
        ratio: float = 0.0,
        endpoint: str = "",
        exporter: SpanExporter | None = None,
    ) -> None:
        self._bound = int(ratio * 2**64)
        self._provider: TracerProvider | None = None
        if exporter is not None or endpoint:
            self._provider = _provider(service, version, endpoint, exporter)
        self._otel = self._provider.get_tracer("tandem") if self._provider else None

    @property
    def exports(self) -> bool:
        """Whether any span leaves this process."""
        return self._otel is not None

    def span(
        self,
        name: str,
        parent: str = "",
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Attribute] | None = None,
    ) -> Current:
        """A span under `parent` (a traceparent; a malformed one starts a new trace), current
        for the code inside. An exception marks it failed and passes."""
        found = _TRACEPARENT.fullmatch(parent) if parent else None
        made = f"{_random.getrandbits(192):048x}"  # both ids
        if found is None or not int(found[1], 16) or not int(found[2], 16):
            trace_id = made[:32]
            sampled = self._otel is not None and int(made[16:32], 16) < self._bound
            above = None
        else:
            trace_id = found[1]
            sampled = bool(int(found[3], 16) & 1)
            above = (int(found[1], 16), int(found[2], 16))
        if sampled and self._otel is not None:
            recorded = self._otel.start_span(name, _under(above), kind, attributes)
            ids = recorded.get_span_context()
            return Current(Span(f"00-{ids.trace_id:032x}-{ids.span_id:016x}-01", recorded))
        return Current(Span(f"00-{trace_id}-{made[32:]}-0{int(sampled)}", None))

    def follow(
        self,
        name: str,
        parent: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Attribute] | None = None,
    ) -> Span | None:
        """A span under `parent` that is not current and that the caller ends; None where that
        trace is not sampled, or no span leaves this process: for what is done often."""
        if self._otel is None or not parent.endswith("1"):
            return None
        found = _TRACEPARENT.fullmatch(parent)
        if found is None or not int(found[1], 16) or not int(found[2], 16):
            return None
        above = (int(found[1], 16), int(found[2], 16))
        recorded = self._otel.start_span(name, _under(above), kind, attributes)
        ids = recorded.get_span_context()
        return Span(f"00-{ids.trace_id:032x}-{ids.span_id:016x}-01", recorded)

    def flush(self) -> None:
        """Send what has ended until now, for at most a few seconds. Blocks."""
        if self._provider is not None:
            self._provider.force_flush(2_000)

    def stop(self) -> None:
        """Send what is left, for at most a few seconds. Blocks; call at the very end."""
        if self._provider is not None:
            self.flush()
            self._provider.shutdown()


def _provider(
    service: str, version: str, endpoint: str, exporter: SpanExporter | None
) -> TracerProvider:
    # imported where spans leave at all: a hundred modules, several MB
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    exporter = exporter or OTLPSpanExporter(
        endpoint=endpoint, insecure=endpoint.startswith("http://"), timeout=5
    )
    resource = Resource({"service.name": service, "service.version": version})
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _under(above: tuple[int, int] | None) -> Context | None:
    """The context of a sampled span elsewhere, by trace and span id."""
    if above is None:
        return None
    parent = SpanContext(*above, is_remote=True, trace_flags=TraceFlags(1))
    return trace.set_span_in_context(NonRecordingSpan(parent))


@contextmanager
def within(traceparent: str) -> Iterator[None]:
    """The code inside belongs to that trace, sampled or not: its logs carry the id."""
    known = _TRACEPARENT.fullmatch(traceparent)
    token = _current.set(traceparent if known else _current.get())
    try:
        yield
    finally:
        _current.reset(token)


NO_SPANS = Tracer("")


def current_traceparent() -> str:
    """The traceparent of the span that this code runs in, or ""; for the outbox."""
    return _current.get()
