"""Around every RPC of ours: identity, call, deadline, errors, metrics, span.

All are served as streams of requests, which is the same on the wire: of a unary method
grpc.aio would await the message before any code of ours runs, from anybody and for ever.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import grpc
import structlog
from google.protobuf.message import DecodeError
from opentelemetry.trace import SpanKind

from services.chassis.call import Principal
from services.chassis.crash_points import armed, crash_point
from services.chassis.edge import deadline
from services.chassis.edge.addresses import FORWARDED, address_of
from services.chassis.edge.admission import Urgency, overloaded
from services.chassis.edge.errors import answer_of
from services.chassis.edge.gate import Gate
from services.chassis.edge.grpc_call import (
    NoDecision,
    Sent,
    check_decided,
    open_call,
    operation_of,
    sent_by,
)
from services.chassis.edge.grpc_crowd import Crowd, peer_of
from services.chassis.edge.grpc_errors import abort, abort_unknown, refusal
from services.chassis.edge.sent import identified, respondent
from services.chassis.edge.shares import holder_of, urgency_of
from services.chassis.edge.sizes import MAX_ANONYMOUS, MAX_BODY, MAX_MESSAGE
from services.chassis.kernel import Fault, Kind, invalid
from services.chassis.metrics import GRPC_SECONDS, GRPC_STREAMS
from services.chassis.tracing import Span

log = structlog.get_logger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_ANSWERED: Any = lambda context: crash_point("W3")  # noqa: E731 # its type stub is not callable
_FAILURES = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE)  # of ours
GOODBYE_SECONDS = 5.0
_refuse = refusal(overloaded())
UNREADABLE = object()  # stands for bytes that are no such message until they can be refused
TOO_LARGE = object()


class Rpc:
    """One RPC from its start to its status."""

    def __init__(self, edge: GrpcEdge, service: str, method: str) -> None:
        self.service = service
        self.method = method
        self.operation = operation_of(method)
        self.anonymous = self.operation in edge.anonymous
        ordinary = Urgency.STRANGER if self.anonymous else Urgency.ORDINARY
        self.urgency = edge.gate.urgencies.get(self.operation, ordinary)
        self.gate, self.crowd = edge.gate, edge.crowd
        self._span = f"{service}/{method}"
        self._told = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}

    async def caller(
        self, metadata: Sent, context: Context, streams_in: bool
    ) -> tuple[Principal, Any]:
        """Who calls, and her message; None where several come. Without a token, it is the message
        that names her district. Raises Fault."""
        known, gate, address = None, self.gate, self._address(metadata, context)
        if not self.anonymous:
            said, district = str(metadata.get("authorization", "")), metadata.get("tandem-district")
            known = await identified(said, district, gate.identity, gate.limits, address)
            gate.limits.check_caller(known, self.urgency)
        room = gate.room
        arrives = known is None or await room.admits(known, self.operation)
        if known is not None and streams_in:
            return known, None
        async with room.arrival(deadline.ANSWER_SECONDS, known, arrives):
            request = await message_of(context)
        if known is None:
            known = respondent(getattr(request, "district_id", ""))
            gate.limits.check_address(address, known.district)
        return known, request

    def _address(self, metadata: Sent, context: Context) -> str:
        forwarded = str(metadata.get(FORWARDED, ""))
        return address_of(peer_of(context.peer())[0], forwarded, self.gate.settings.trusted_proxies)

    def span(self, metadata: Sent) -> Any:
        parent = str(metadata.get("traceparent", ""))
        return self.gate.tracer.span(self._span, parent, SpanKind.SERVER, self._told)

    def done(self, code: grpc.StatusCode, began: float, span: Span) -> None:
        """Count it, but for what would tell how many have answered without a token."""
        if self.anonymous and code not in _FAILURES:
            span.forget()
            return
        self.gate.metrics.of(GRPC_SECONDS, self.service, self.method, code.name).observe(
            time.perf_counter() - began
        )

    async def fail(self, context: Context, error: Exception, span: Span, began: float) -> None:
        """Tell the caller what `error` means; ends by raising the abort of the RPC."""
        if isinstance(error, Fault):
            answer = answer_of(error)
            self.done(answer.code, began, span)
            if error.kind is not Kind.OVERLOADED and not self.anonymous:
                self.gate.refusals.tell(
                    operation=self.operation,
                    status=answer.status,
                    code=error.code,
                    seconds=round(time.perf_counter() - began, 4),
                )
            await abort(context, error)
        span.failed()
        self.done(grpc.StatusCode.INTERNAL, began, span)
        if isinstance(error, NoDecision):
            log.error("no_access_decision", operation=self.operation)
            await abort_unknown(context, "no_access_decision")
        log.error("rpc_failed", operation=self.operation, exc_info=error)
        await abort_unknown(context, "internal")


@dataclass(frozen=True, slots=True)
class GrpcEdge:
    """What the RPCs of one server share. `anonymous` names the operations without a token."""

    gate: Gate
    anonymous: frozenset[str]
    crowd: Crowd


class Edged:
    """Stands for `server` before a generated `add_...Servicer_to_server`: what that adds is
    served with the edge around it.

    It is served by name, not registered as well: grpc.aio waits for each registered method
    with a future of its own, and every RPC pays for all of them, 10 us where there are 15."""

    def __init__(self, server: grpc.aio.Server, edge: GrpcEdge) -> None:
        self._server = server
        self._edge = edge

    def add_generic_rpc_handlers(self, handlers: object) -> None:
        """Adds nothing: generated code adds the same handlers by their methods next."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        guarded = {
            method: _guarded(Rpc(self._edge, service, method), handler)
            for method, handler in handlers.items()
        }
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(service, guarded)]
        )


def _guarded(rpc: Rpc, handler: Handler) -> Handler:
    streams_in = bool(handler.request_streaming)
    most = MAX_MESSAGE if streams_in else MAX_ANONYMOUS if rpc.anonymous else MAX_BODY
    coders = (lenient(handler.request_deserializer or bytes, most), handler.response_serializer)
    if handler.response_streaming:
        inner = handler.stream_stream if streams_in else handler.unary_stream
        stream = _answers_often(rpc, inner, streams_in)
        return grpc.stream_stream_rpc_method_handler(stream, *coders)
    inner = handler.stream_unary if streams_in else handler.unary_unary
    unary = _answers_once(rpc, inner, streams_in)
    return grpc.stream_unary_rpc_method_handler(unary, *coders)


def lenient(deserialize: Callable[[bytes], Any], most: int = MAX_MESSAGE) -> Callable[[bytes], Any]:
    """grpc itself would answer UNKNOWN where a message does not parse, and say why. One of more
    than `most` bytes is not parsed."""

    def read(data: bytes) -> Any:
        if len(data) > most:
            return TOO_LARGE
        try:
            return deserialize(data)
        except DecodeError:
            return UNREADABLE

    return read


def _check_readable(request: object) -> None:
    if request is TOO_LARGE:
        raise Fault(Kind.TOO_LARGE, "too_large", "The message is too large.")
    if request is UNREADABLE:
        raise invalid("malformed_message", "The request is not such a protobuf message.")


async def message_of(context: Context) -> Any:
    """The one message of an RPC; waits for it. Raises Fault INVALID."""
    request = await context.read()
    if request is grpc.aio.EOF:
        raise invalid("malformed_message", "There is no message.")
    _check_readable(request)
    return request


async def _each(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        _check_readable(request)
        yield request


def _check_token(principal: Principal) -> None:
    """A stream may say goodbye by itself when its token ends; the others are cut here."""
    if time.time() > principal.ends_at + GOODBYE_SECONDS:
        raise Fault(Kind.UNAUTHENTICATED, "token_ended", "Go on with a new token.")


def _answers_once(rpc: Rpc, inner: Any, streams_in: bool) -> Any:
    room = rpc.gate.room

    async def run(requests: AsyncIterator[Any], context: Context) -> Any:
        if not room.admission.open(rpc.urgency):
            await _refuse(context)
        began = time.perf_counter()
        metadata = sent_by(context)
        with rpc.crowd.works(context.peer()), rpc.span(metadata) as span:
            try:
                async with deadline.InTime(None if streams_in else deadline.ANSWER_SECONDS):
                    principal, request = await rpc.caller(metadata, context, streams_in)
                    with room.request(holder_of(principal)):
                        call = open_call(rpc.operation, metadata, principal, request)
                        call.count = partial(
                            rpc.gate.limits.check_caller, principal, Urgency.ORDINARY
                        )
                        if streams_in:  # received and read for long, and little at a time
                            answer = await inner(_each(requests), context)
                        else:
                            async with room.admission.work(urgency_of(principal, rpc.urgency)):
                                answer = await inner(request, context)
                        check_decided(call)
            except asyncio.CancelledError:
                rpc.done(grpc.StatusCode.CANCELLED, began, span)
                raise
            except Exception as error:
                await rpc.fail(context, error, span, began)
                raise
            rpc.done(grpc.StatusCode.OK, began, span)
            if armed("W3"):
                context.add_done_callback(_ANSWERED)
            return answer

    return run


def _answers_often(rpc: Rpc, inner: Any, streams_in: bool) -> Any:
    open_streams = rpc.gate.metrics.of(GRPC_STREAMS)
    room = rpc.gate.room

    async def run(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        if rpc.urgency is Urgency.BULK:
            await room.admission.pause()
        elif not room.admission.open(rpc.urgency):
            await _refuse(context)
        began = time.perf_counter()
        open_streams.inc()
        try:
            metadata = sent_by(context)
            with rpc.crowd.works(context.peer()), rpc.span(metadata) as span:
                try:
                    async with deadline.InTime(deadline.ANSWER_SECONDS):
                        principal, request = await rpc.caller(metadata, context, streams_in)
                    with room.stream(holder_of(principal)):
                        call = open_call(rpc.operation, metadata, principal, request)
                        given = _each(requests) if streams_in else request
                        async for answer in inner(given, context):
                            check_decided(call)
                            _check_token(principal)
                            yield answer
                            if rpc.urgency is Urgency.BULK:
                                await room.admission.pause()
                        check_decided(call)
                except (asyncio.CancelledError, GeneratorExit):
                    rpc.done(grpc.StatusCode.CANCELLED, began, span)
                    raise
                except Exception as error:
                    await rpc.fail(context, error, span, began)
                    raise
                rpc.done(grpc.StatusCode.OK, began, span)
        finally:
            open_streams.dec()

    return run
