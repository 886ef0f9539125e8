"""Who asks for what: made once per request by the HTTP or gRPC edge, passed to use cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.chassis.kernel import DeviceTime, invalid


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. Roles are not in here: whoever decides looks them up.

    `district` is decided by the token's issuer. Exactly one of `person` (her id there),
    `partner` and `duty` is set; a partner has scopes such as `things.read`, a duty is what the
    platform itself does (`chassis.duties`). Whoever asks without a token has none. `ends_at` (epoch
    seconds, by the real clock): when the token is no longer believed; what goes on longer than a
    request must end then.
    """

    district: str
    person: str = ""
    partner: str = ""
    scopes: frozenset[str] = frozenset()
    ends_at: float = field(default=math.inf, compare=False)
    duty: str = ""
    purpose: str = ""  # what the token is for where that is not the one that all data serves
    limited: str = ""  # a code: why it has not all the scopes that its token says, where it has not

    @property
    def id(self) -> str:
        return self.person or self.partner or self.caller

    @property
    def caller(self) -> str:
        """Who it is among all callers of the district, as text; a person and a partner of the
        same id differ. Empty for a respondent, whom nothing tells from another."""
        if self.person:
            return f"person:{self.person}"
        if self.partner:
            return f"partner:{self.partner}"
        return f"duty:{self.duty}" if self.duty else ""


class Verifier(Protocol):
    """What the edges need of identity."""

    def seen(self, token: str) -> Principal | None:
        """As `verify`, of a token that need not be verified, since it was a moment ago; None of
        any other."""

    def recalls(self, token: str) -> bool:
        """Whether a token was good once, in this process, and has not ended. It may have been
        withdrawn since."""

    async def verify(self, token: str) -> Principal:
        """The principal of a good token. Raises Fault UNAUTHENTICATED, FORBIDDEN
        (`purpose_refused`: it is for what is no purpose at all) or UNAVAILABLE (the issuer's keys
        cannot be had)."""


def _uncounted() -> None:
    """Of a call that no edge has taken."""


@dataclass(slots=True)
class Call:
    """One request. `operation` is the REST operation id and the RPC name in snake_case.

    `key` is the Idempotency-Key (REST) or request_id (gRPC), empty when none was sent; it
    means something only together with its caller. `fingerprint` is a hash of caller, operation
    and content, so that a key that comes back with other content is noticed. `if_match` is the
    version the caller saw, or None.
    `decided` is set by `access`: an edge refuses to answer a call on which no access
    decision was taken. `told` is the decision that `access` has written to the log.
    """

    operation: str
    principal: Principal
    key: str = ""
    fingerprint: str = ""
    if_match: int | None = None
    trace: str = ""  # W3C traceparent of the request
    correlation: str = ""
    causation: str = ""  # the id of the event that this follows from
    decided: bool = field(default=False)
    told: str = field(default="")
    replayed: bool = field(default=False)  # set by the write path: an earlier result is answered
    as_it_stands: bool = field(default=False)  # set by `access`: not what stood there before
    single: str = field(default="")  # set by `access`: the id of the one thing that is asked for
    # set by the write path: which version it has given to what, as its caller is told it, now or
    # when it came first
    wrote: dict[str, int] = field(default_factory=dict)
    # by a device's clock when it was told to do it, as `DeviceTime.made_at`, and when this began
    made_at: datetime | None = None
    since: datetime | None = None
    # set by the write path: both times of what it wrote, now or when it came first, by what
    timed: dict[str, DeviceTime] = field(default_factory=dict)
    # what it ends must not have been agreed anew after this version: see `Aggregate.agreed`
    agreed_by: int | None = None
    # set by an edge: one call more, for the limit of its caller. Raises Fault LIMITED
    count: Callable[[], None] = field(default=_uncounted, repr=False, compare=False)

    @property
    def district(self) -> str:
        return self.principal.district

    def timing(self, version: int, at: datetime) -> DeviceTime | None:
        """Of what it has made a version at an instant; None where no device said when."""
        if self.made_at is None or self.since is None or not self.key:
            return None
        return DeviceTime(self.key, version, self.since, max(at, self.since), self.made_at)


def caller_of(call: Call, place: str) -> str:
    """The id of the person who calls. Raises Fault INVALID, with `place`, where it is none."""
    if not call.principal.person:
        raise invalid("not_a_person", "Whoever asks is no person: name one by id.", place)
    return call.principal.person


def precondition(call: Call) -> None:
    """Raises Fault `precondition_required` where the caller does not say what it saw."""
    if call.if_match is None:
        raise invalid("precondition_required", "If-Match must name the version you saw.")
