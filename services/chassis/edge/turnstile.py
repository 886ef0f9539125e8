"""Requests of those whom nobody knows yet, one after the other among all others.

Even to refuse a request takes time of the loop. Where many come at once, without a token or with
one that nobody has verified, the loop would do nothing else between two steps of a request of
somebody who is known. So of those one is looked at in each turn of the loop, and those that wait
read no more from their connections. Each address has its turn; behind a gateway all may have one,
and are served in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable

EACH_TURN = 1  # request in a turn of the loop: with 4 the others waited for 4 s where now for 0.1


class Turnstile:
    """Of one event loop. What waits is bounded by whoever comes: one each."""

    def __init__(self, each_turn: int = EACH_TURN) -> None:
        self._each_turn = self._left = each_turn
        self._waiting: OrderedDict[str, OrderedDict[Hashable, Callable[[], None]]] = OrderedDict()
        self._turning = False

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def come(self, address: str, one: Hashable, go: Callable[[], None]) -> bool:
        """Calls `go`, at once or when it is the turn of `one`. Whether it did."""
        if self._left and not self._waiting:
            self._take()
            go()
            return True
        self._waiting.setdefault(address, OrderedDict())[one] = go
        self._turn_later()
        return False

    def gone(self, address: str, one: Hashable) -> None:
        """She waits no longer, if she did."""
        theirs = self._waiting.get(address)
        if theirs is not None:
            theirs.pop(one, None)
            if not theirs:
                del self._waiting[address]

    def _take(self) -> None:
        self._left -= 1
        self._turn_later()

    def _turn_later(self) -> None:
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._turning = False
        self._left = self._each_turn
        while self._left and self._waiting:
            address, theirs = next(iter(self._waiting.items()))
            _, go = theirs.popitem(last=False)
            if theirs:
                self._waiting.move_to_end(address)
            else:
                del self._waiting[address]
            self._take()
            go()
