"""From an RPC to a `Call`, and the check that access was decided before an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message

from services.chassis.call import Call, Principal
from services.chassis.edge.sent import (
    KEY,
    VERSION_PATTERN,
    correlation_of,
    fingerprint_of,
)
from services.chassis.kernel import invalid
from services.chassis.tracing import current_traceparent

Sent: TypeAlias = Mapping[str, str | bytes]  # metadata; of a key sent twice, the latter value

_ETAG = re.compile(f'("?){VERSION_PATTERN}\\1')
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class NoDecision(Exception):
    """An answer was about to leave without an access decision."""


_call: ContextVar[Call] = ContextVar("call")


def operation_of(method: str) -> str:
    """`RecordProgress` as `record_progress`."""
    return _WORD.sub("_", method).lower()


def call_of(context: grpc.aio.ServicerContext[Any, Any]) -> Call:
    """The call of the RPC that runs."""
    return _call.get()


def check_decided(call: Call) -> None:
    """Raises NoDecision unless access was decided."""
    if not call.decided:
        raise NoDecision


def sent_by(context: grpc.aio.ServicerContext[Any, Any]) -> Sent:
    """The metadata of an RPC. Ask once: grpc decodes it anew each time."""
    return dict(context.invocation_metadata() or ())


def open_call(
    operation: str, metadata: Sent, principal: Principal, request: Message | None
) -> Call:
    """The call of `principal`, with request_id and etag; `request` is None for a stream.
    Raises Fault INVALID."""
    key, fingerprint = _key_of(operation, principal, request)
    call = Call(
        operation=operation,
        principal=principal,
        key=key,
        fingerprint=fingerprint,
        if_match=_if_match(request),
        trace=current_traceparent(),
        correlation=correlation_of(metadata.get("x-correlation-id")) or current_traceparent()[3:35],
    )
    _call.set(call)
    return call


def _key_of(operation: str, principal: Principal, request: Message | None) -> tuple[str, str]:
    key = getattr(request, "request_id", "")
    if request is None or not key:
        return "", ""
    if not KEY.fullmatch(key):
        raise invalid(
            "request_id", "request_id is 1 to 128 visible ASCII characters.", "/request_id"
        )
    return key, fingerprint_of(principal, operation, request.SerializeToString(deterministic=True))


def _if_match(request: Message | None) -> int | None:
    etag = getattr(request, "etag", "")
    if not etag:
        return None
    found = _ETAG.fullmatch(etag)
    if found is None:
        raise invalid("etag", "This is not an etag of ours.", "/etag")
    return int(found[2])
