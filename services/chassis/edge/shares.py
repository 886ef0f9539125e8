"""How much of a process one caller may hold, and those who are nobody yet."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager

from services.chassis.call import Principal
from services.chassis.edge.admission import Admission, Urgency
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import (
    OVERLOAD_LIMIT,
    OVERLOAD_REFUSED,
    OVERLOAD_RUNNING,
    OVERLOAD_WAITING,
    Metrics,
)

STRANGERS = 64
STREAMS = 5_000
FEW = 8  # requests that everybody may have at a time
STRANGER = ""  # all who have no token are one holder


class Shares:
    """At most `most` at a time, and at most `each` of one caller."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._held: dict[Hashable, int] = {}
        self._all = 0

    @property
    def held(self) -> int:
        return self._all

    @contextmanager
    def hold(self, caller: Hashable, each: float = math.inf) -> Iterator[None]:
        """Raises Fault LIMITED when it is one too many; `each` may be fewer for now."""
        own = self._held.get(caller, 0)
        if own >= self._each or own >= each or self._all >= self._most:
            raise Fault(Kind.LIMITED, "too_many_at_once", "Wait for answers before you ask more.")
        self._held[caller] = own + 1
        self._all += 1
        try:
            yield
        finally:
            self._all -= 1
            own = self._held.pop(caller) - 1
            if own:
                self._held[caller] = own


class Strangers:
    """Requests without a token that are still arriving, at most `most`: one more, and the
    one that has taken longest is given up. So whoever sends at once is never kept out by
    those who do not."""

    def __init__(self, most: int = STRANGERS) -> None:
        self._most = most
        self._waiting: OrderedDict[int, asyncio.Timeout] = OrderedDict()
        self._number = 0

    @asynccontextmanager
    async def wait(self, seconds: float) -> AsyncIterator[None]:
        """Raises Fault UNAVAILABLE `body_too_slow` when the block takes longer, or is given up."""
        scope = asyncio.timeout(seconds)
        self._number += 1
        number = self._number
        try:
            async with scope:
                if len(self._waiting) >= self._most:
                    _, oldest = self._waiting.popitem(last=False)
                    if not oldest.expired():
                        oldest.reschedule(0)
                self._waiting[number] = scope
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            raise Fault(
                Kind.UNAVAILABLE, "body_too_slow", "The request did not arrive in time."
            ) from None
        finally:
            self._waiting.pop(number, None)


class Room:
    """What the edges of one process may hold and do, REST and gRPC together: `most` requests
    run or wait at a time, besides those that are still arriving; a quarter of so many are for
    one caller, and a quarter for all without a token. Streams of answers are beside them and
    live long. While some wait, a caller has a quarter of those that run."""

    def __init__(self, most: int, metrics: Metrics | None = None) -> None:
        metrics = metrics or Metrics()
        quarter = max(most // 4, 1)
        self.streams = Shares(STREAMS, quarter)
        self.strangers = Strangers()
        metrics.begin(OVERLOAD_REFUSED, *(each.name.lower() for each in Urgency))
        self.admission = Admission(
            most, lambda urgency: metrics.of(OVERLOAD_REFUSED, urgency.name.lower()).inc()
        )
        self._requests = Shares(2 * most, quarter)  # half of them may still be arriving
        metrics.of(OVERLOAD_LIMIT).set_function(lambda: self.admission.limit)
        metrics.of(OVERLOAD_RUNNING).set_function(lambda: self.admission.running)
        metrics.of(OVERLOAD_WAITING).set_function(lambda: self.admission.waiting)

    @property
    def held(self) -> int:
        """Requests under way."""
        return self._requests.held

    def request(self, caller: Hashable) -> AbstractContextManager[None]:
        """A request's place, from its token to its answer. Raises Fault LIMITED."""
        if self.admission.pressed and caller != STRANGER:
            return self._requests.hold(caller, max(self.admission.limit / 4, FEW))
        return self._requests.hold(caller)


def holder_of(principal: Principal) -> Hashable:
    """For whom something is held."""
    return (principal.district, principal.person, principal.partner) if principal.id else STRANGER


def urgency_of(principal: Principal, urgency: Urgency) -> Urgency:
    """Partners' programs can wait and ask again better than people."""
    return Urgency.BULK if principal.partner else urgency
