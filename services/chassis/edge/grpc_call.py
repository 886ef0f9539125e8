"""From an RPC to a `Call`, and the check that access was decided before an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message

from services.chassis.call import Call, Principal, Verifier
from services.chassis.edge.http_call import fingerprint_of
from services.chassis.edge.identity import check_district
from services.chassis.kernel import Fault, Kind, invalid
from services.chassis.tracing import current_traceparent

Sent: TypeAlias = Mapping[str, str | bytes]  # metadata; of a key sent twice, the latter value

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_ETAG = re.compile(r'("?)(0|[1-9][0-9]{0,15})\1')
_DISTRICT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
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


async def identified(metadata: Sent, identity: Verifier) -> Principal:
    """Who calls, by the token alone. Raises Fault UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE."""
    scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Fault(Kind.UNAUTHENTICATED, "no_token", "A bearer token is needed.")
    principal = await identity.verify(token.strip())
    check_district(principal, metadata.get("tandem-district"))
    return principal


def respondent(request: Message) -> Principal:
    """Somebody without an account, in the district that the request names.
    Raises Fault INVALID where it names none."""
    district = getattr(request, "district_id", "")
    if not _DISTRICT.fullmatch(district):
        raise invalid("district_id", "The district is missing or malformed.", "/district_id")
    return Principal(district=str(district))


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
        correlation=_correlation(metadata),
    )
    _call.set(call)
    return call


def _key_of(operation: str, principal: Principal, request: Message | None) -> tuple[str, str]:
    key = getattr(request, "request_id", "")
    if request is None or not key:
        return "", ""
    if not _KEY.fullmatch(key):
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


def _correlation(metadata: Sent) -> str:
    value = metadata.get("x-correlation-id", "")
    if isinstance(value, str) and _CORRELATION.fullmatch(value):
        return value
    return current_traceparent()[3:35]
