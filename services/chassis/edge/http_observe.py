"""One middleware around everything: request id, span, metrics, headers, the last 500."""

from __future__ import annotations

import asyncio
import time

import structlog
from fastapi import Request
from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.crash_points import crash_point
from services.chassis.edge.admission import OVERLOADED, Admission
from services.chassis.edge.http_headers import header
from services.chassis.edge.http_problem import problem
from services.chassis.edge.http_protocol import GONE
from services.chassis.edge.refusals import Refusals
from services.chassis.edge.sent import correlation_of
from services.chassis.metrics import HTTP_SECONDS, Metrics
from services.chassis.tracing import Tracer

log = structlog.get_logger(__name__)

_SAFE = ("GET", "HEAD", "OPTIONS")
_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
]
_UNLESS_SET = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class Observe:
    """The outermost ASGI layer of an API. No exception of a handler passes it."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        tracer: Tracer,
        leaving: asyncio.Event,
        admission: Admission,
        refusals: Refusals,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracer = tracer
        self._leaving = leaving
        self._admission = admission
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        let_in = scope.pop("tandem.let_in", None)
        if let_in is not None:
            self._admission.came(let_in)
        request_id = ""
        began = time.perf_counter()
        status = 0
        streams = False

        async def observed(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                present = dict(message["headers"])
                streams = present.get(b"content-type", b"").startswith(b"text/event-stream")
                more = [each for each in _UNLESS_SET if each[0] not in present]
                if self._leaving.is_set():
                    more.append((b"connection", b"close"))  # the next request goes elsewhere
                own = (b"x-request-id", request_id.encode())
                message["headers"] = [*message["headers"], own, *_ALWAYS, *more]
            try:
                await send(message)
            except RuntimeError:  # of a connection that is closed, before the server has told us
                if not scope.get(GONE, _never)():
                    raise
                log.debug("answer_unheard", request_id=request_id)
            if scope["method"] not in _SAFE and message["type"] == "http.response.body":
                crash_point("W3")

        with self._tracer.span(
            scope["method"], header(scope, b"traceparent") or "", SpanKind.SERVER
        ) as span:
            request_id = span.traceparent[36:52]
            correlation = correlation_of(header(scope, b"x-correlation-id"))
            scope["tandem.request_id"] = request_id
            scope["tandem.correlation_id"] = correlation or request_id
            try:
                await self._app(scope, receive, observed)
            except Exception:
                # the last resort of the process: told to the log, not to the caller
                log.exception("request_failed", request_id=request_id)
                if status:
                    raise  # the answer has begun: the server must cut the connection
                request = Request(scope)
                failed = problem(request, 500, "internal", "Internal error")
                await failed(scope, receive, observed)
            route = getattr(scope.get("route"), "path_format", "none")
            if status >= 500:
                span.failed()
                reason = scope.get("tandem.error", "")
                if reason != OVERLOADED:  # it is counted: a line for each would be more to do
                    log.error(
                        "answered_5xx",
                        request_id=request_id,
                        route=route,
                        status=status,
                        code=reason,
                    )
            if status < 500 and getattr(scope.get("route"), "anonymous", False):
                span.forget()  # and no line or count below: it would tell how many have answered
                return
            if 400 <= status < 500:
                self._refusals.tell(
                    request_id=request_id,
                    route=route,
                    method=_method(scope),
                    status=status,
                    code=scope.get("tandem.error", ""),
                    seconds=round(time.perf_counter() - began, 4),
                )
            span.set(
                f"{scope['method']} {route}",
                http_request_method=scope["method"],
                http_route=route,
                http_response_status__code=status,
            )
        if not streams:
            self._metrics.of(HTTP_SECONDS, route, _method(scope), f"{status // 100}xx").observe(
                time.perf_counter() - began
            )


def _never() -> bool:
    return False


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
