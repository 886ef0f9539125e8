"""Where answers are kept: a port of the use cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.surveys.administration.small_n import Sheet


class Seats(Protocol):
    """One seat per response code: anonymous, filled once, until it is frozen. A survey that
    is opened again begins another round, whose number is greater: seats that were frozen in
    an earlier one take answers again, and what comes late of an earlier one is refused.

    Nothing about a respondent, a time or an order is kept, and nothing but `sheets` tells
    whether a seat is filled. Every method may raise `kernel.Fault(UNAVAILABLE)`: the
    outcome is then unknown, and repeating the same call is safe.
    """

    async def prepare(self, district: str, administration: str, seats: Sequence[str]) -> None:
        """Make these seats; those that exist are left alone. 1 command."""

    async def answer(
        self, district: str, administration: str, seat: str, sheet: Sheet, round: int
    ) -> bool:
        """Fill a seat where it is empty; leave a filled one as it is. True in both cases, at
        the same cost; False for a seat that is frozen in this round or not there. One atomic
        step, 1 command."""

    async def freeze(self, district: str, administration: str, round: int) -> None:
        """Close every seat, filled or not. After it returns no seat that there was is filled
        in this round or an earlier one, and none takes an answer. 1 command."""

    async def sheets(self, district: str, administration: str) -> Sequence[Sheet]:
        """What was answered, in no meaningful order. Complete once frozen. 1 command."""

    async def clear(self, district: str, administration: str) -> None:
        """Delete a survey's answers, for good, and close its seats in every round. The seats
        stay: a `prepare` or an `answer` that was overtaken finds them closed. 1 command."""

    async def remove(self, district: str, administration: str) -> None:
        """Delete a survey's seats, once nothing can be on its way to them. 1 command."""
