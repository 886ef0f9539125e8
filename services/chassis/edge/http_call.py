"""From an HTTP request to a `Call`, and from a result to its headers."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from starlette.datastructures import QueryParams
from starlette.types import Scope

from services.chassis import clock
from services.chassis.call import Call, Principal
from services.chassis.edge.addresses import address_over_http
from services.chassis.edge.admission import Urgency
from services.chassis.edge.gate import Gate
from services.chassis.edge.http_headers import header
from services.chassis.edge.sent import (
    KEY,
    VERSION_PATTERN,
    fingerprint_of,
    identified,
    respondent,
)
from services.chassis.edge.shares import STRANGER
from services.chassis.kernel import Fault, Kind, invalid
from services.chassis.metrics import AUTH_REFUSED
from services.chassis.tracing import current_traceparent

_ETAG = re.compile(f'"{VERSION_PATTERN}"')
TICKET = "ticket"
COUNTED = "tandem.counted"  # in the scope: for the limit of whoever asks
Ticket = Annotated[
    str, Query(alias=TICKET, max_length=100, description="In place of a token: good once")
]


async def identify(scope: Scope, gate: Gate, urgency: Urgency) -> Principal:
    """Who sent a request, by its head alone; `caller` asks no more. It counts for her limit, unless
    the door has counted it. Raises Fault UNAUTHENTICATED without a good token, FORBIDDEN,
    UNAVAILABLE, LIMITED."""
    principal = await identified(
        header(scope, b"authorization") or "",
        header(scope, b"tandem-district"),
        gate.identity,
        gate.limits,
        address_over_http(scope, gate.settings.trusted_proxies),
        scope.pop("tandem.seen", None),
    )
    if not scope.pop(COUNTED, False):
        gate.limits.check_caller(principal, urgency)
    scope["tandem.principal"] = principal
    return principal


def check_stranger(scope: Scope, gate: Gate, district: str = "") -> None:
    """Count a request without a token for the limit of its address, unless the door has. Raises
    Fault LIMITED."""
    if not scope.pop(COUNTED, False):
        address = address_over_http(scope, gate.settings.trusted_proxies)
        gate.limits.check_address(address, district)


async def take_ticket(scope: Scope, gate: Gate, operation: str) -> None:
    """Whose the ticket in the address of a request is, if there is one: to be asked before
    `identify`. A ticket is taken among the requests of strangers. Raises Fault UNAUTHENTICATED for
    one that is not good (any more), INVALID beside a token, LIMITED, OVERLOADED, UNAVAILABLE."""
    shown = QueryParams(scope["query_string"]).get(TICKET) if scope["query_string"] else None
    if shown is None:
        return
    if header(scope, b"authorization") is not None:
        raise invalid("ticket_beside_token", "Send a token or a ticket, and not both.", "/ticket")
    check_stranger(scope, gate)
    assert gate.take_ticket is not None  # no service has such a route and none
    with gate.room.request(STRANGER):
        async with gate.room.admission.work(Urgency.STRANGER):
            try:
                scope["tandem.seen"] = await gate.take_ticket(shown, operation)
            except Fault as fault:
                if fault.kind is Kind.UNAUTHENTICATED:
                    gate.metrics.of(AUTH_REFUSED, TICKET).inc()
                raise


async def caller(request: Request) -> Call:
    """The call of an identified caller. Raises Fault INVALID for a malformed
    Idempotency-Key or If-Match, and for an If-Match on a create."""
    call = await _call(request, request.scope["tandem.principal"])
    if call.if_match is not None and request.scope["route"].status_code == 201:
        detail = "What is created has no version yet: send no If-Match."
        raise invalid("if_match_on_create", detail)
    return call


async def ticketed_caller(request: Request, ticket: Ticket = "") -> Call:
    """As `caller`, of a route on which a ticket stands for a token (`take_ticket`)."""
    return await caller(request)


async def anonymous_caller(request: Request) -> Call:
    """The call of somebody without an account, in the district that the path parameter or
    else the body's field `district_id` names. Raises Fault INVALID where neither does."""
    district = request.path_params.get("district_id")
    if district is None:
        body = await request.json()
        district = body.get("district_id") if isinstance(body, dict) else None
    return await _call(request, respondent(district))


async def _call(request: Request, principal: Principal) -> Call:
    scope = request.scope
    route = scope["route"]
    if route.gate.settings.backdating and clock.HEADER in request.headers:
        clock.tell(request.headers[clock.HEADER])
    operation = route.operation_id
    key = header(scope, b"idempotency-key") or ""
    fingerprint = ""
    if key:
        if not KEY.fullmatch(key):
            raise invalid(
                "malformed_header", "Idempotency-Key is 1 to 128 visible ASCII characters."
            )
        if route.body_limit is not None and route.body_field is None:
            key = ""  # the body comes in pieces and is never in memory as a whole to be told apart
        else:
            content = await request.body()
            fingerprint = fingerprint_of(principal, operation, scope["path"].encode(), content)
    call = Call(
        operation=operation,
        principal=principal,
        key=key,
        fingerprint=fingerprint,
        if_match=_if_match(header(scope, b"if-match")),
        trace=current_traceparent(),
        correlation=scope.get("tandem.correlation_id", ""),
        count=partial(route.gate.limits.check_caller, principal, Urgency.ORDINARY),
    )
    scope["tandem.call"] = call
    return call


def _if_match(sent: str | None) -> int | None:
    if sent is None:
        return None
    found = _ETAG.fullmatch(sent.strip())
    if found is None:
        raise invalid("malformed_header", 'If-Match is one ETag, such as "3".')
    return int(found[1])


def reply(response: Response, call: Call, version: int, location: str = "") -> None:
    """Set the headers that `reply_headers` makes."""
    response.headers.update(reply_headers(call, version, location))


def reply_headers(call: Call, version: int | None, location: str = "") -> dict[str, str]:
    """ETag, of what has a version, Idempotency-Replayed and, for what was created, Location."""
    headers = {} if version is None else {"ETag": f'"{version}"'}
    if location:
        headers["Location"] = location
    if call.replayed:
        headers["Idempotency-Replayed"] = "true"
    return headers


def next_link(request: Request, response: Response, next_page_token: str) -> None:
    """Set `Link: <...>; rel="next"` unless this is the last page."""
    if next_page_token:
        query = [(k, v) for k, v in request.query_params.multi_items() if k != "page_token"]
        query.append(("page_token", next_page_token))
        response.headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'


CallDep = Annotated[Call, Depends(caller)]
AnonymousCallDep = Annotated[Call, Depends(anonymous_caller)]
TicketedCallDep = Annotated[Call, Depends(ticketed_caller)]
CALLERS = (caller, anonymous_caller, ticketed_caller)
