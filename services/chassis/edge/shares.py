"""How much of a process one caller may hold, and those who are nobody yet."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager

from services.chassis.call import Principal
from services.chassis.kernel import Fault, Kind

STRANGERS = 64
STREAMS = 5_000
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
    def hold(self, caller: Hashable) -> Iterator[None]:
        """Raises Fault LIMITED when it is one too many."""
        own = self._held.get(caller, 0)
        if own >= self._each or self._all >= self._most:
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
    """What the edges of one process may hold, REST and gRPC together: `most` requests at a
    time, a quarter of them for one caller and a quarter for all without a token; streams of
    answers beside them, which live long."""

    def __init__(self, most: int) -> None:
        quarter = max(most // 4, 1)
        self.requests = Shares(most, quarter)
        self.streams = Shares(STREAMS, quarter)
        self.strangers = Strangers()


def holder_of(principal: Principal) -> Hashable:
    """For whom something is held."""
    return (principal.district, principal.person, principal.partner) if principal.id else STRANGER
