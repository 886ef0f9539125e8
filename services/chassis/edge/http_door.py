"""Refusing a request by its head, where there is more to do than can be done, or who sent it asks
too often.

A refusal must cost next to nothing, or refusing is what fills the process. So it is written before
the request has a task: 46 us with all of the system's calls, where the application with its routes
and spans would take 320.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import Scope

from services.chassis.edge.addresses import address_over_http
from services.chassis.edge.admission import Urgency, overloaded
from services.chassis.edge.errors import answer_of
from services.chassis.edge.gate import Gate
from services.chassis.edge.http_call import COUNTED
from services.chassis.edge.http_headers import header
from services.chassis.edge.http_protocol import refusal
from services.chassis.edge.rates import too_often
from services.chassis.edge.sent import token_of
from services.chassis.edge.turnstile import Turnstile
from services.chassis.kernel import Fault

LetIn = tuple[str, re.Pattern[str], Urgency]  # method, path, and how urgent that is
_NOT_GATED = ("OPTIONS", "HEAD")  # cheap, and the answer to HEAD has no body


class Door:
    """`urgencies`: what is more or less urgent than most, or asked without a token. Browsers'
    frontends read no refusal without leave."""

    def __init__(self, gate: Gate, urgencies: Iterable[LetIn]) -> None:
        self._gate, self._urgencies = gate, tuple(urgencies)
        self._admission, self._origins = gate.room.admission, gate.settings.cors_origins
        self.turnstile = Turnstile()
        self._overloaded = {each: _told(overloaded(), each) for each in ("", *self._origins)}

    def knows(self, scope: Scope) -> bool:
        """Whether the request carries a token that was good a moment ago: `tandem.seen` in the
        scope is whose."""
        urgency = scope["tandem.urgency"] = self._urgency(scope)
        if urgency is Urgency.STRANGER:
            return False
        token = token_of(header(scope, b"authorization") or "")
        seen = self._gate.identity.seen(token) if token else None
        if seen is None:
            return False
        scope["tandem.seen"] = seen
        return True

    def refuses(self, scope: Scope) -> bytes | None:
        """The whole answer to a request that is not let in. Who is let in is told apart by
        `tandem.let_in` in the scope, until the application takes it from there."""
        if scope["method"] in _NOT_GATED:
            return None
        origin = header(scope, b"origin") or ""
        origin = origin if origin in self._origins else ""
        urgency = scope["tandem.urgency"]
        seconds = self._too_often(scope, urgency)
        if seconds:
            return _told(too_often(seconds), origin)
        if self._admission.comes(urgency):
            scope["tandem.let_in"] = urgency
            return None
        return self._overloaded[origin]

    def _too_often(self, scope: Scope, urgency: Urgency) -> int:
        """For how many seconds she is not let in. Whose token is not verified yet is counted once
        it is."""
        gate, seen = self._gate, scope.get("tandem.seen")
        if seen is None and urgency is not Urgency.STRANGER:
            return 0
        scope[COUNTED] = True
        if seen is not None:
            return gate.limits.of_caller(seen, urgency)
        address = address_over_http(scope, gate.settings.trusted_proxies)
        return gate.limits.of_address(address, scope["tandem.district"])

    def _urgency(self, scope: Scope) -> Urgency:
        method, path = scope["method"], scope["path"]
        for each, pattern, urgency in self._urgencies:
            found = pattern.match(path) if each == method else None
            if found is not None:
                if urgency is Urgency.STRANGER:
                    scope["tandem.district"] = found.groupdict().get("district_id", "")
                return urgency
        return Urgency.ORDINARY


def _told(fault: Fault, origin: str) -> bytes:
    answer = answer_of(fault)
    more = [f"retry-after: {answer.retry_after}", *(_leave(origin) if origin else ())]
    return refusal(answer.status, fault.code, answer.title, *(each.encode() for each in more))


def _leave(origin: str) -> tuple[str, ...]:
    return (
        f"access-control-allow-origin: {origin}",
        "access-control-expose-headers: Retry-After",
        "vary: Origin",
    )
