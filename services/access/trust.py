"""How old what a service knows of who may see what may be.

It learns from other services' events that a relationship, a grant or a cover has ended. Where none
come, it answers from what it knew last; but not for ever: then what these open is refused, until
events come again. What does not rest on them is not: her own, what a thing itself says, a share
(which the same service keeps), and what roles of the roster open, which come once a night.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection

from services.access.decision import SHARED_WITH, Decision
from services.chassis.call import Principal
from services.chassis.kernel import Fault, Kind

log = logging.getLogger(__name__)

RETRY_SECONDS = 15


class Trust:
    """The access view of one process is trusted for so many `seconds` after the moment up to which
    all that was published is in it. Before anything was heard of that it counts from the beginning.
    Unless told, for ever."""

    def __init__(
        self, seconds: float = math.inf, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._monotonic = seconds, monotonic
        self._until, self._heard, self._told = monotonic() + seconds, False, False

    @property
    def holds(self) -> bool:
        return self._monotonic() < self._until

    def hear(self, age: float) -> None:
        """All that had been published `age` seconds ago is in the view."""
        until = self._monotonic() + self._seconds - max(age, 0.0)
        self._until = max(self._until, until) if self._heard else until
        self._heard = True
        if self._told is self.holds:
            self._told = not self._told
            if self._told:
                log.warning("who may see what is as of %.0f s ago: it opens nothing more", age)
            else:
                log.warning("who may see what is known again")

    def check(self, principal: Principal, decision: Decision, parties: Collection[str]) -> None:
        """Raises Fault UNAVAILABLE where a decision rests on what may have ended meanwhile."""
        if not self.holds and _may_have_ended(principal, decision, parties):
            raise too_old()

    def check_all(self, principal: Principal) -> None:
        """As `check`, where all that is shown rests on it, but to a partner. Raises Fault
        UNAVAILABLE."""
        if not (self.holds or principal.partner):
            raise too_old()


def _may_have_ended(principal: Principal, decision: Decision, parties: Collection[str]) -> bool:
    if decision.relation == "party":
        return principal.person not in parties  # by a class that she has, or covers
    granted = bool(decision.grant) and decision.relation != SHARED_WITH
    return granted or decision.relation == "coach"


def too_old() -> Fault:
    said = "What is known of who may see this is too old; try later."
    return Fault(Kind.UNAVAILABLE, "access_too_old", said, retry_after=RETRY_SECONDS)
