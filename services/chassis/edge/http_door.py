"""Refusing a request by its head, where there is more to do than can be done.

A refusal must cost next to nothing, or refusing is what fills the process. So it is written before
the request has a task: 46 us with all of the system's calls, where the application with its routes
and spans would take 320.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from starlette.types import Scope

from services.chassis.edge.admission import Admission, Urgency, overloaded
from services.chassis.edge.errors import answer_of
from services.chassis.edge.http_headers import header
from services.chassis.edge.http_protocol import refusal

LetIn = tuple[str, re.Pattern[str], Urgency]  # method, path, and how urgent that is
_NOT_GATED = ("OPTIONS", "HEAD")  # cheap, and the answer to HEAD has no body


class Door:
    """`known`: what is more or less urgent than most. `origins`: of browsers' frontends, which
    read no refusal without leave."""

    def __init__(
        self, admission: Admission, known: Iterable[LetIn], origins: Collection[str]
    ) -> None:
        self._admission, self._known = admission, tuple(known)
        self._told = {"": _told()}
        self._told |= {origin: _told(*_leave(origin)) for origin in origins}

    def refuses(self, scope: Scope) -> bytes | None:
        """The whole answer to a request that is not let in. Who is let in is told apart by
        `tandem.let_in` in the scope, until the application takes it from there."""
        if scope["method"] in _NOT_GATED:
            return None
        if self._admission.comes(self._urgency(scope)):
            scope["tandem.let_in"] = True
            return None
        return self._told.get(header(scope, b"origin") or "", self._told[""])

    def _urgency(self, scope: Scope) -> Urgency:
        method, path = scope["method"], scope["path"]
        for each, pattern, urgency in self._known:
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
