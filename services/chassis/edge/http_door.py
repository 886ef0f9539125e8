"""Refusing a request by its head, where there is more to do than can be done.

A refusal must cost next to nothing, or refusing is what fills the process. So it is written before
the request has a task: 46 us with all of the system's calls, where the application with its routes
and spans would take 320.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from starlette.types import Scope

from services.chassis.call import Principal
from services.chassis.edge.admission import Admission, Urgency, overloaded
from services.chassis.edge.errors import answer_of
from services.chassis.edge.http_headers import header
from services.chassis.edge.http_protocol import refusal
from services.chassis.edge.sent import token_of
from services.chassis.edge.turnstile import Turnstile

LetIn = tuple[str, re.Pattern[str], Urgency]  # method, path, and how urgent that is
_NOT_GATED = ("OPTIONS", "HEAD")  # cheap, and the answer to HEAD has no body


class Door:
    """`urgencies`: what is more or less urgent than most, or asked without a token. `seen`: whose
    a token is, as far as that is known without work. `origins`: of browsers' frontends, which read
    no refusal without leave."""

    def __init__(
        self,
        admission: Admission,
        urgencies: Iterable[LetIn],
        seen: Callable[[str], Principal | None],
        origins: Collection[str],
    ) -> None:
        self._admission, self._urgencies, self._seen = admission, tuple(urgencies), seen
        self.turnstile = Turnstile()
        self._told = {"": _told()}
        self._told |= {origin: _told(*_leave(origin)) for origin in origins}

    def knows(self, scope: Scope) -> bool:
        """Whether the request carries a token that was good a moment ago: `tandem.seen` in the
        scope is whose."""
        urgency = scope["tandem.urgency"] = self._urgency(scope)
        if urgency is Urgency.STRANGER:
            return False
        token = token_of(header(scope, b"authorization") or "")
        seen = self._seen(token) if token else None
        if seen is None:
            return False
        scope["tandem.seen"] = seen
        return True

    def refuses(self, scope: Scope) -> bytes | None:
        """The whole answer to a request that is not let in. Who is let in is told apart by
        `tandem.let_in` in the scope, until the application takes it from there."""
        if scope["method"] in _NOT_GATED:
            return None
        urgency = scope["tandem.urgency"]
        if self._admission.comes(urgency):
            scope["tandem.let_in"] = urgency
            return None
        return self._told.get(header(scope, b"origin") or "", self._told[""])

    def _urgency(self, scope: Scope) -> Urgency:
        method, path = scope["method"], scope["path"]
        for each, pattern, urgency in self._urgencies:
            if each == method and pattern.match(path):
                return urgency
        return Urgency.ORDINARY


def _told(*headers: str) -> bytes:
    fault = overloaded()
    answer = answer_of(fault)
    more = [f"retry-after: {answer.retry_after}", *headers]
    return refusal(answer.status, fault.code, answer.title, *(each.encode() for each in more))


def _leave(origin: str) -> tuple[str, ...]:
    return (
        f"access-control-allow-origin: {origin}",
        "access-control-expose-headers: Retry-After",
        "vary: Origin",
    )
