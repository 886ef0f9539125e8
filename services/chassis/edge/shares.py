"""How much of a process one caller and one district may hold, and those who are nobody yet."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Mapping
from types import TracebackType
from typing import TypeAlias

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
_SOMEBODY = object()  # all who have one; no district's name

Holder: TypeAlias = tuple[str, str, str]  # district, person, partner
STRANGER: Holder = ("", "", "")  # all who have no token are one holder


class Shares:
    """At most `most` at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[Hashable, int] = {}
        self._all = 0

    @property
    def held(self) -> int:
        return self._all

    def hold(self, shares: Mapping[Hashable, float]) -> Place:
        """One place that counts for each of `shares`, to be held inside. Raises Fault LIMITED
        where all places are taken, or one of these has as many as it says."""
        return Place(self, shares)

    def take(self, shares: Mapping[Hashable, float]) -> None:
        held = self._held
        full = self._all >= self._most
        for each, most in shares.items():
            full = full or held.get(each, 0) >= most
        if full:
            raise _too_many()
        self._all += 1
        for each in shares:
            held[each] = held.get(each, 0) + 1

    def give_back(self, shares: Mapping[Hashable, float]) -> None:
        held = self._held
        self._all -= 1
        for each in shares:
            left = held.pop(each) - 1
            if left:
                held[each] = left


class Place:
    """One of `Shares`."""

    __slots__ = ("_counts", "_of")

    def __init__(self, of: Shares, counts: Mapping[Hashable, float]) -> None:
        self._of, self._counts = of, counts

    def __enter__(self) -> None:
        self._of.take(self._counts)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._of.give_back(self._counts)


def _too_many() -> Fault:
    return Fault(Kind.LIMITED, "too_many_at_once", "Wait for answers before you ask more.")


class Arrivals:
    """Requests that are still arriving, at most `most`, and `each` of one caller. One more, and
    the one that has taken longest is given up: of hers where she has so many, else of the
    district that has most. So whoever sends at once is never kept out by those who do not."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._waiting: dict[int, tuple[Holder, asyncio.Timeout]] = {}  # the longest first
        self._callers: Counter[Holder] = Counter()
        self._number = 0

    @property
    def count(self) -> int:
        return len(self._waiting)

    def wait(self, seconds: float, caller: Holder = STRANGER) -> Arrival:
        """To be waited in. Raises Fault UNAVAILABLE `body_too_slow` when the block takes longer,
        LIMITED when it is given up."""
        return Arrival(self, seconds, caller)

    def come(self, caller: Holder, scope: asyncio.Timeout) -> int:
        """The number of one more. When she is given up, `scope` ends at once."""
        self._make_room(caller)
        self._number += 1
        self._waiting[self._number] = (caller, scope)
        self._callers[caller] += 1
        return self._number

    def gone(self, number: int) -> bool:
        """She has arrived, or will not. False: she had been given up."""
        return self._remove(number) is not None

    def _make_room(self, caller: Holder) -> None:
        if self._callers[caller] >= self._each:
            self._give_up(lambda holder: holder == caller)
        elif len(self._waiting) >= self._most:
            ((most, _),) = Counter(holder[0] for holder, _ in self._waiting.values()).most_common(1)
            self._give_up(lambda holder: holder[0] == most)

    def _give_up(self, which: Callable[[Holder], bool]) -> None:
        slowest = next(number for number, (who, _) in self._waiting.items() if which(who))
        scope = self._remove(slowest)
        if scope is not None and not scope.expired():
            scope.reschedule(0)

    def _remove(self, number: int) -> asyncio.Timeout | None:
        caller, scope = self._waiting.pop(number, (STRANGER, None))
        if scope is not None:
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]
        return scope


class Arrival:
    """One of `Arrivals`."""

    __slots__ = ("_caller", "_number", "_of", "_scope")

    def __init__(self, of: Arrivals, seconds: float, caller: Holder) -> None:
        self._of, self._caller = of, caller
        self._scope = asyncio.timeout(seconds)
        self._number = 0

    async def __aenter__(self) -> None:
        await self._scope.__aenter__()
        self._number = self._of.come(self._caller, self._scope)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        waited = self._of.gone(self._number)
        try:
            await self._scope.__aexit__(kind, error, trace)
        except TimeoutError:
            if not waited:  # whoever sent at once has lost nothing but a try
                raise _too_many() from None
            raise Fault(
                Kind.UNAVAILABLE, "body_too_slow", "The request did not arrive in time."
            ) from None


async def _everybody(principal: Principal, operation: str) -> bool:
    return True


class Room:
    """What the edges of one process may hold and do, REST and gRPC together: `most` requests
    run or wait at a time, besides those that are still arriving and imports, which take long; a
    quarter of so many are for one caller, and a quarter for all without a token, who find it
    free; a district has `most` in all. Streams of answers are beside them and live long. While
    some wait, a caller has a quarter of those that run.

    `knows` says of somebody with a token and the operation that she asks for, by the head of a
    request, whether she is one who may be here; it raises Fault where it is certain that she may
    not. Where it is not found out, she may send, but arrives in a room of its own."""

    def __init__(
        self,
        most: int,
        metrics: Metrics | None = None,
        knows: Callable[[Principal, str], Awaitable[bool]] | None = None,
    ) -> None:
        metrics = metrics or Metrics()
        self._most, self._quarter = most, max(most // 4, 1)
        self._knows = knows or _everybody
        self._strangers = Arrivals(STRANGERS, STRANGERS)
        self._unknown = Arrivals(STRANGERS, FEW)
        self._known = Arrivals(most, self._quarter)
        metrics.begin(OVERLOAD_REFUSED, *(each.name.lower() for each in Urgency))
        self.admission = Admission(
            most, lambda urgency: metrics.of(OVERLOAD_REFUSED, urgency.name.lower()).inc()
        )
        self._requests = Shares(2 * most)
        self._streams = Shares(STREAMS)
        metrics.of(OVERLOAD_LIMIT).set_function(lambda: self.admission.limit)
        metrics.of(OVERLOAD_RUNNING).set_function(lambda: self.admission.running)
        metrics.of(OVERLOAD_WAITING).set_function(lambda: self.admission.waiting)

    @property
    def held(self) -> int:
        """Requests under way."""
        return self._requests.held

    @property
    def arriving(self) -> int:
        """Requests that have not arrived as a whole."""
        return self._strangers.count + self._unknown.count + self._known.count

    async def admits(self, principal: Principal, operation: str) -> bool:
        """Whether somebody with a token is known to be one who may be here: to be asked before the
        body of her request is awaited or parsed. Raises Fault where she is known not to be."""
        return await self._knows(principal, operation)

    def arrival(
        self, seconds: float, principal: Principal | None = None, known: bool = True
    ) -> Arrival:
        """To wait in for the rest of a request; `principal` is None without a token, `known` what
        `admits` has said of her. Raises Fault as `Arrivals.wait`."""
        if principal is None:
            return self._strangers.wait(seconds)
        return (self._known if known else self._unknown).wait(seconds, holder_of(principal))

    def request(self, caller: Holder) -> Place:
        """A request's place, once it has arrived, to its answer. Raises Fault LIMITED."""
        each: float = self._quarter
        if caller == STRANGER:
            return self._requests.hold({STRANGER: each})
        if self.admission.pressed:
            each = min(each, max(self.admission.limit / 4, FEW))
        others = 2 * self._most - self._quarter
        return self._requests.hold({caller: each, caller[0]: self._most, _SOMEBODY: others})

    def stream(self, caller: Holder) -> Place:
        """As `request`, of a stream of answers: a district has four fifths."""
        return self._streams.hold({caller: self._quarter, caller[0]: STREAMS * 4 // 5})


def holder_of(principal: Principal) -> Holder:
    """For whom something is held."""
    if not principal.id:
        return STRANGER
    return (principal.district, principal.person, principal.partner)


def urgency_of(principal: Principal, urgency: Urgency) -> Urgency:
    """Partners' programs can wait and ask again better than people."""
    return Urgency.BULK if principal.partner else urgency
