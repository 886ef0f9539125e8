"""How old what a service knows of who may see what may be.

It learns from other services' events that a relationship, a grant or a cover has ended. Where none
come, it answers from what it knew last; but not for ever: then what these open is refused, until
events come again. What does not rest on them is not: her own, what a thing itself says, a share
(which the same service keeps), and what roles of the roster open, which come once a night.

A person's row of the access view is made of the events of one partition number, whose key it has.
So where Kafka does not answer for some numbers, what rests on rows of the others is opened as ever.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection, Mapping

from services.access.decision import SHARED_WITH, Decision
from services.access.directory import Directory
from services.access.peers import GROUP, PAIR
from services.access.privacy_keys import POLICY_ROW
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind
from services.chassis.log.producer import partition_of

log = logging.getLogger(__name__)

RETRY_SECONDS = 15


class Trust:
    """Each partition number of the access view of one process is trusted for so many `seconds`
    after the moment up to which all that was published in it is in the view; one of which that was
    never heard, from the beginning. Unless told, for ever."""

    def __init__(
        self, seconds: float = math.inf, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds, self._monotonic, self._began = seconds, monotonic, monotonic()
        self._numbers = 0  # how many there are; 0 until somebody has said so
        self._as_of: dict[int, float] = {}
        self._oldest = self._began
        self._told: frozenset[int] = frozenset()

    @property
    def age(self) -> float:
        """How old the oldest of them is, in seconds."""
        return self._monotonic() - self._oldest

    @property
    def holds(self) -> bool:
        """Whether all are trusted."""
        return self.age < self.seconds

    def believes(self, district: str, people: Collection[str]) -> bool:
        """Whether the rows of all these are trusted."""
        if self.holds or not people:
            return True
        if not self._numbers:
            return False
        keys = (f"{district}:{each}".encode() for each in people)
        return self._old().isdisjoint(partition_of(key, self._numbers) for key in keys)

    def doubted(self, call: Call, people: Collection[str]) -> frozenset[str]:
        """Of these people whose rows are not trusted, though the caller's own may be: nobody, where
        it is a partner, which needs none of them."""
        if call.principal.partner or self.holds:
            return frozenset()
        return frozenset(each for each in people if not self.believes(call.district, [each]))

    def hear(self, numbers: int, ages: Mapping[int, float]) -> None:
        """Of so many partition numbers there are, all that had been published in one so many
        seconds ago, its age, is in the view."""
        now = self._monotonic()
        if numbers != self._numbers:
            self._numbers, self._as_of = numbers, {}  # a person's is another
        for number, age in ages.items():
            as_of = now - max(age, 0.0)
            self._as_of[number] = max(as_of, self._as_of.get(number, as_of))
        self._oldest = min(self._as_of.get(each, self._began) for each in range(numbers))
        old = self._old()
        if old != self._told:
            self._told = old
            if old:
                listed = ", ".join(map(str, sorted(old)))
                said = "who may see what is as of %.0f s ago in partitions %s: they open nothing"
                log.warning(said, self.age, listed)
            else:
                log.warning("who may see what is known again")

    async def check(
        self,
        call: Call,
        decision: Decision,
        teacher: str | None,
        parties: Collection[str],
        directory: Directory,
    ) -> None:
        """Raises Fault UNAVAILABLE where a decision, about a `teacher` or by what names `parties`,
        rests on what may have ended meanwhile. Reads nothing where nothing is too old."""
        if not self.holds:
            whose = await _resting_on(call.principal, decision, teacher, parties, directory)
            if not self.believes(call.district, whose):
                raise too_old()

    def check_people(self, call: Call, people: Collection[str]) -> None:
        """As `check`, where what is shown of these people rests on it, but to a partner. Raises
        Fault UNAVAILABLE."""
        known = call.principal.partner or self.holds
        if not known and not self.believes(call.district, {*_coaching(call.principal), *people}):
            raise too_old()

    def check_all(self, call: Call) -> None:
        """As `check_people`, where nobody knows of whom. Raises Fault UNAVAILABLE."""
        if not (self.holds or call.principal.partner):
            raise too_old()

    def _old(self) -> frozenset[int]:
        bound = self._monotonic() - self.seconds
        return frozenset(
            each for each in range(self._numbers) if self._as_of.get(each, self._began) <= bound
        )


def _coaching(principal: Principal) -> Collection[str]:
    """The rows of which all that she sees as a coach rests on: what she may, what is agreed."""
    return principal.person, POLICY_ROW


async def _resting_on(
    principal: Principal,
    decision: Decision,
    teacher: str | None,
    parties: Collection[str],
    directory: Directory,
) -> Collection[str]:
    """Whose rows a decision rests on that may say no more what they should; nobody's, where nothing
    may have ended."""
    if decision.relation in ("coach", PAIR, GROUP) and teacher is not None:
        return {*_coaching(principal), teacher}
    if decision.relation == "party" and principal.person not in parties:
        # by a class that she has, or covers for as long as it is that of who is away
        caller = await directory.profile(principal.district, principal.person)
        covers = caller.covers if caller is not None else ()
        return {principal.person, *(each.teacher for each in covers if each.open)}
    if decision.grant and decision.relation != SHARED_WITH:
        return (principal.person,)
    return ()


def too_old() -> Fault:
    said = "What is known of who may see this is too old; try later."
    return Fault(Kind.UNAVAILABLE, "access_too_old", said, retry_after=RETRY_SECONDS)
