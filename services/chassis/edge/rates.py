"""How often one caller and one address may ask: token buckets of one process.

What may be held at a time is bounded elsewhere (`shares`, `admission`): this bounds what somebody
asks in the long run. A bucket is one number, the moment at which it will be full again: each
request moves that on by what it takes to be refilled, and who would move it further ahead than a
whole bucket takes is refused. That is the token bucket, without a second number to keep.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable

from services.chassis.call import Principal
from services.chassis.edge.admission import Urgency
from services.chassis.edge.shares import holder_of
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import RATE_REFUSED, Metrics
from services.chassis.rates import Rate, Rates

MOST = 10_000  # buckets of a table that are not full
SHARED = 256  # for whoever comes when there are so many
SWEEP_SECONDS = 1.0  # between two looks for those that are full again
# Tokens that are refused, of one address: each sixteenth of all tokens has a bucket, so that a
# program which shows the same bad one for ever does not keep out a good one beside it.
REFUSED_TOKENS = Rate(per_second=5, burst=250)
PARTS = 16
ROUNDING = 0.01  # of one: what sums of floats are off by
USUAL = Rates()

PERSON, PARTNER, BULK, ADDRESS, TOKEN = "person", "partner", "bulk", "address", "token"


class Buckets:
    """By key. A bucket that is full is forgotten where there is need of room. Where nearly all are
    in use, who is new shares one of `SHARED` buckets with others that are new: neither is she let
    in unseen nor kept out, and those that are known keep their own. No key is an int."""

    def __init__(self, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._now, self._most = now, most
        self._full_at: dict[Hashable, float] = {}
        self._swept = -math.inf

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: Hashable, rate: Rate) -> float:
        """Take one. 0, or else the seconds until there is one; then none is taken."""
        now = self._now()
        full_at = self._full_at.get(key)
        if full_at is None:
            key = self._place(key, now)
            full_at = self._full_at.get(key, now)
        full_at = max(full_at, now)
        wait = _missing(full_at - now, rate)
        if not wait:
            self._full_at[key] = full_at + 1 / rate.per_second
        return wait

    def wait(self, key: Hashable, rate: Rate) -> float:
        """What `take` would say. Of somebody who has taken none: 0."""
        now = self._now()
        return _missing(self._full_at.get(key, now) - now, rate)

    def _place(self, key: Hashable, now: float) -> Hashable:
        if len(self._full_at) < self._most:
            return key
        if now - self._swept >= SWEEP_SECONDS:
            self._sweep(now)
            if len(self._full_at) < self._most:
                return key
        return hash(key) % SHARED

    def _sweep(self, now: float) -> None:
        self._swept = now
        self._full_at = {each: at for each, at in self._full_at.items() if at > now}


def _missing(ahead: float, rate: Rate) -> float:
    """Seconds until a bucket that will be full in `ahead` seconds has one. It has none when that
    is more than all but one take."""
    if ahead * rate.per_second <= rate.burst - 1 + ROUNDING:
        return 0.0
    return ahead - (rate.burst - 1) / rate.per_second


class RateLimits:
    """Those of one process, REST and gRPC together: a stream, an upload, an import count once.
    `rates_of` says what a district has; one that is not known has what is usual."""

    def __init__(
        self,
        metrics: Metrics | None = None,
        rates_of: Callable[[str], Rates] = lambda district: USUAL,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._rates_of = metrics or Metrics(), rates_of
        self._metrics.begin(RATE_REFUSED, PERSON, PARTNER, BULK, ADDRESS, TOKEN)
        self._callers, self._bulk = Buckets(now), Buckets(now)
        self._addresses, self._tokens = Buckets(now), Buckets(now)

    @property
    def kept(self) -> int:
        """Buckets in memory."""
        return sum(map(len, (self._callers, self._bulk, self._addresses, self._tokens)))

    def of_caller(self, principal: Principal, urgency: Urgency) -> int:
        """Count a request of somebody with a token, `urgency` as its operation has it. 0 where she
        may, else in how many seconds."""
        rates = self._rates_of(principal.district)
        if urgency is Urgency.BULK:
            return self._told(BULK, self._bulk.take(holder_of(principal), rates.bulk))
        kind, rate = (PARTNER, rates.partner) if principal.partner else (PERSON, rates.person)
        return self._told(kind, self._callers.take(holder_of(principal), rate))

    def of_address(self, address: str, district: str) -> int:
        """... of somebody without one, in the district that the request names."""
        rate = self._rates_of(district).address
        return self._told(ADDRESS, self._addresses.take(address, rate))

    def check_caller(self, principal: Principal, urgency: Urgency) -> None:
        """As `of_caller`. Raises Fault LIMITED."""
        _check(self.of_caller(principal, urgency))

    def check_address(self, address: str, district: str) -> None:
        """As `of_address`. Raises Fault LIMITED."""
        _check(self.of_address(address, district))

    def check_token(self, address: str, token: str) -> None:
        """Before a token is verified. Raises Fault LIMITED where too many such have been refused
        at this address."""
        wait = self._tokens.wait(_part(address, token), REFUSED_TOKENS)
        _check(self._told(TOKEN, wait))

    def token_refused(self, address: str, token: str) -> None:
        self._tokens.take(_part(address, token), REFUSED_TOKENS)

    def _told(self, limit: str, wait: float) -> int:
        """In whole seconds."""
        if not wait:
            return 0
        self._metrics.of(RATE_REFUSED, limit).inc()
        return max(math.ceil(wait), 1)


def _part(address: str, token: str) -> tuple[str, int]:
    return address, hash(token) % PARTS


def _check(seconds: int) -> None:
    if seconds:
        raise too_often(seconds)


def too_often(seconds: int) -> Fault:
    return Fault(
        Kind.LIMITED, "too_many_requests", "Wait before you ask again.", retry_after=seconds
    )
