"""A live caseload as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import orjson
from fastapi.responses import StreamingResponse
from opentelemetry.trace import SpanKind
from starlette.types import Message as AsgiMessage
from starlette.types import Receive, Scope, Send

from services.chassis.metrics import LIVE_SECONDS, SSE_CLIENTS, Metrics
from services.chassis.tracing import NO_SPANS, Tracer
from services.insights.caseload.resources import entry_bytes
from services.insights.live.read import Watch
from services.insights.live.stream import Message, MessageKind

RETRY_MS = 2_000
SEND_SECONDS = 30.0  # a reader who takes nothing for so long is dropped


class LiveResponse(StreamingResponse):
    """Events as `resources.LiveEvent` says; the id of each is its place, which comes back as
    Last-Event-ID."""

    media_type = "text/event-stream"

    def __init__(self, watch: Watch, metrics: Metrics, tracer: Tracer = NO_SPANS) -> None:
        self._watch = watch
        self._clients = metrics.of(SSE_CLIENTS)
        super().__init__(_events(watch, metrics, tracer), headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Until the stream or its reader ends, whichever is first."""
        self._clients.inc()
        streaming = asyncio.create_task(self.stream_response(send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if streaming.done():
                streaming.result()
        finally:
            for task in (streaming, leaving):
                task.cancel()
            await asyncio.gather(streaming, leaving, return_exceptions=True)
            self._watch.close()
            self._clients.dec()

    async def stream_response(self, send: Send) -> None:
        async def bounded(message: AsgiMessage) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        try:
            await super().stream_response(bounded)
        except TimeoutError:
            return  # the server cuts the connection; the last id she got is her place


async def _events(watch: Watch, metrics: Metrics, tracer: Tracer) -> AsyncIterator[bytes]:
    """A change of a trace that is followed has a span until its message has been taken."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    async with aclosing(watch.messages()) as messages:
        async for message in messages:
            span = tracer.follow("send live entry", message.trace, SpanKind.PRODUCER)
            try:
                yield event(message, watch)
                if message.heard:
                    metrics.of(LIVE_SECONDS).observe(time.monotonic() - message.heard)
            finally:
                if span is not None:
                    span.end()


def event(message: Message, watch: Watch) -> bytes:
    """One event. `bye` repeats the place that the reader has reached."""
    body: dict[str, Any] = {}
    if message.kind is MessageKind.RESET:
        body = {"entries": message.count, "school_year": watch.school_year}
    elif message.entry is not None:
        body = {
            "entry": orjson.Fragment(entry_bytes(message.entry)),
            "need": message.need,
            "after_teacher_id": message.after or None,
        }
    elif message.kind is MessageKind.GONE:
        body = {"teacher_id": message.teacher}
    elif message.kind is MessageKind.ORDER:
        body = {"teacher_ids": message.order}
    elif message.kind is MessageKind.BYE:
        body = {"reason": "slow_reader" if message.slow else "resume"}
    freshness = watch.freshness()
    body |= {"as_of": freshness.as_of, "stale": freshness.stale}
    data = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return b"event: %b\nid: %b\ndata: %b\n\n" % (
        message.kind.encode(),
        message.token.encode(),
        data,
    )
