"""What the data-use policy in force decides when somebody reads: whom a teacher's work may be shown
to at all, and for how long a survey's results are hers alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.access.profile import ALL_WORK, Profile, Tie

COACH, PARTNER = "coach", "partner"  # audiences, as a policy names them
_NOBODYS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Agreed:
    """`coaches`, `partners`: whether they are among its audiences. `teacher_first`: for so long
    after a survey is closed its results are shown to its teacher alone. Where no policy is in
    force, or an older build has kept what is known of it, nothing is restricted."""

    coaches: bool = True
    partners: bool = True
    teacher_first: timedelta = timedelta(0)

    def shown(self, tie: Tie) -> Tie:
        """A tie, with what its coach may see by it."""
        return tie if self.coaches else replace(tie, sees=_NOBODYS)

    def open_to(self, scopes: frozenset[str]) -> frozenset[str]:
        """The kinds of a teacher's work that a partner reads which has these scopes."""
        return frozenset(each for each in ALL_WORK if self.partners and f"{each}s.read" in scopes)

    def alone(self, reader: str, teacher: str) -> timedelta:
        """For how long after a survey's close its results are not this reader's."""
        return timedelta(0) if reader == teacher else self.teacher_first

    def hers_alone(self, closed_at: datetime | None, now: datetime) -> bool:
        """Whether the results of a survey are still their teacher's alone."""
        return closed_at is not None and now < closed_at + self.teacher_first


UNRESTRICTED = Agreed()


def agreed_in(rules: Profile | None) -> Agreed:
    """By what is known of the district's policy."""
    if rules is None or rules.in_force is None:
        return UNRESTRICTED
    audiences, hours = rules.in_force.audiences, rules.in_force.teacher_first_hours
    if audiences is None:
        audiences = (COACH, PARTNER)
    return Agreed(COACH in audiences, PARTNER in audiences, timedelta(hours=hours))
