"""The interceptor around every RPC: identity, call, deadline, errors, metrics, span."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from opentelemetry.trace import SpanKind

from services.chassis.crash_points import armed, crash_point
from services.chassis.edge import deadline
from services.chassis.edge.errors import answer_of
from services.chassis.edge.grpc_call import Calls, NoDecision, open_call, operation_of
from services.chassis.edge.grpc_errors import abort, abort_unknown
from services.chassis.edge.identity import Verifier
from services.chassis.kernel import Fault, invalid
from services.chassis.metrics import GRPC_SECONDS, GRPC_STREAMS, Metrics
from services.chassis.tracing import Span, Tracer

log = structlog.get_logger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_ANSWERED: Any = lambda context: crash_point("W3")  # noqa: E731 # its type stub is not callable
UNREADABLE = object()  # stands for bytes that are no such message until they can be refused


class Rpc:
    """One RPC from its start to its status."""

    def __init__(self, edge: Edge, path: str) -> None:
        _, self.service, self.method = path.split("/")
        self.operation = operation_of(self.method)
        self.anonymous = self.operation in edge.anonymous
        self.edge = edge

    async def open(self, context: Context, request: Message | None) -> Calls:
        calls = await open_call(
            self.operation, context, request, self.edge.identity, self.anonymous
        )
        _check_readable(request)
        return calls

    def span(self, context: Context) -> Any:
        parent = ""
        for key, value in context.invocation_metadata() or ():
            if key == "traceparent":
                parent = str(value)
        return self.edge.tracer.span(
            f"{self.service}/{self.method}",
            parent,
            SpanKind.SERVER,
            {"rpc.system": "grpc", "rpc.service": self.service, "rpc.method": self.method},
        )

    def done(self, code: grpc.StatusCode, began: float) -> None:
        self.edge.metrics.of(GRPC_SECONDS, self.service, self.method, code.name).observe(
            time.perf_counter() - began
        )

    async def fail(self, context: Context, error: Exception, span: Span, began: float) -> None:
        """Tell the caller what `error` means; ends by raising the abort of the RPC."""
        if isinstance(error, Fault):
            self.done(answer_of(error).code, began)
            await abort(context, error)
        span.failed()
        self.done(grpc.StatusCode.INTERNAL, began)
        if isinstance(error, NoDecision):
            log.error("no_access_decision", operation=self.operation)
            await abort_unknown(context, "no_access_decision")
        log.error("rpc_failed", operation=self.operation, exc_info=error)
        await abort_unknown(context, "internal")


class Edge(grpc.aio.ServerInterceptor):
    """Wraps the handlers of our services; health and reflection pass as they are."""

    def __init__(
        self,
        services: frozenset[str],
        identity: Verifier,
        metrics: Metrics,
        tracer: Tracer,
        anonymous: frozenset[str],
    ) -> None:
        self.services = services
        self.identity = identity
        self.metrics = metrics
        self.tracer = tracer
        self.anonymous = anonymous
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        path = handler_call_details.method
        wrapped = self._wrapped.get(path)
        if wrapped is None:
            handler = await continuation(handler_call_details)
            if handler is None or path.split("/")[1] not in self.services:
                return handler
            wrapped = self._wrapped[path] = self._wrap(Rpc(self, path), handler)
        return wrapped

    def _wrap(self, rpc: Rpc, handler: Handler) -> Handler:
        coders = (_lenient(handler.request_deserializer or bytes), handler.response_serializer)
        if handler.unary_unary:
            unary = _answers_once(rpc, handler.unary_unary, streams_in=False)
            return grpc.unary_unary_rpc_method_handler(unary, *coders)
        if handler.stream_unary:
            unary = _answers_once(rpc, handler.stream_unary, streams_in=True)
            return grpc.stream_unary_rpc_method_handler(unary, *coders)
        if handler.unary_stream:
            stream = _answers_often(rpc, handler.unary_stream, streams_in=False)
            return grpc.unary_stream_rpc_method_handler(stream, *coders)
        stream = _answers_often(rpc, handler.stream_stream, streams_in=True)
        return grpc.stream_stream_rpc_method_handler(stream, *coders)


def _lenient(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """grpc itself would answer UNKNOWN where a message does not parse, and say why."""

    def read(data: bytes) -> Any:
        try:
            return deserialize(data)
        except DecodeError:
            return UNREADABLE

    return read


def _check_readable(request: object) -> None:
    if request is UNREADABLE:
        raise invalid("malformed_message", "The request is not such a protobuf message.")


async def _each(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        _check_readable(request)
        yield request


def _answers_once(rpc: Rpc, inner: Any, streams_in: bool) -> Any:
    limit = None if streams_in else deadline.ANSWER_SECONDS

    async def run(request: Any, context: Context) -> Any:
        began = time.perf_counter()
        with rpc.span(context) as span:
            try:
                async with deadline.in_time(limit):
                    calls = await rpc.open(context, None if streams_in else request)
                    answer = await inner(_each(request) if streams_in else request, context)
                    calls.check()
            except asyncio.CancelledError:
                rpc.done(grpc.StatusCode.CANCELLED, began)
                raise
            except Exception as error:
                await rpc.fail(context, error, span, began)
                raise
            rpc.done(grpc.StatusCode.OK, began)
            if armed("W3"):
                context.add_done_callback(_ANSWERED)
            return answer

    return run


def _answers_often(rpc: Rpc, inner: Any, streams_in: bool) -> Any:
    open_streams = rpc.edge.metrics.of(GRPC_STREAMS)

    async def run(request: Any, context: Context) -> AsyncIterator[Any]:
        began = time.perf_counter()
        open_streams.inc()
        try:
            with rpc.span(context) as span:
                try:
                    calls = await rpc.open(context, None if streams_in else request)
                    async for answer in inner(_each(request) if streams_in else request, context):
                        calls.check()
                        yield answer
                    calls.check()
                except (asyncio.CancelledError, GeneratorExit):
                    rpc.done(grpc.StatusCode.CANCELLED, began)
                    raise
                except Exception as error:
                    await rpc.fail(context, error, span, began)
                    raise
                rpc.done(grpc.StatusCode.OK, began)
        finally:
            open_streams.dec()

    return run
