"""A teacher in a coaching program."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from services.chassis.kernel import Aggregate, conflict, invalid


class EnrollmentState(enum.StrEnum):
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # the program was closed while she was enrolled


class EnrollmentEvent(enum.StrEnum):
    BEGUN = "begun"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    TRANSFERRED = "transferred"


class WithdrawalReason(enum.StrEnum):
    OWN_CHOICE = "own_choice"
    WORKLOAD = "workload"
    SCHEDULE = "schedule"
    CHANGED_POSITION = "changed_position"
    LEFT_DISTRICT = "left_district"
    MISTAKE = "mistake"  # she should not have been enrolled


MOST_STAYS = 20  # before the last: of more, the two between which there was least are one
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class EnrollmentStay:
    """A time for which she was in it, and that is over."""

    enrolled_at: datetime
    over_at: datetime


@dataclass(kw_only=True)
class Enrollment(Aggregate):
    """The only one of its program and teacher: who has withdrawn and comes back has the same.
    `enrolled_by` and `enrolled_at` are of the last time, `first_enrolled_at` is of the first, and
    `earlier_stays` are those before the last, oldest first.
    `over_at`: when it was withdrawn or ended. `transferred_from`: the teacher, where another has
    taken its place since two records of one person became one and until they are parted;
    `came_from`: the record that this one took it over from, until then or until she is enrolled
    here herself, and `own_stays` are her times in it before it did. `agreed`: see `Aggregate`; 0
    where an earlier build has not kept it."""

    program: str
    teacher: str
    school_year: int
    enrolled_by: str
    enrolled_at: datetime
    first_enrolled_at: datetime
    state: EnrollmentState = EnrollmentState.ENROLLED
    withdrawn_by: str = ""
    reason: WithdrawalReason | None = None
    over_at: datetime | None = None
    transferred_from: str = ""
    came_from: str = ""
    agreed: int = 1
    earlier_stays: tuple[EnrollmentStay, ...] = ()
    own_stays: tuple[EnrollmentStay, ...] = ()

    @classmethod
    def begin(
        cls, *, id: str, district: str, program: str, teacher: str, year: int, by: str, at: datetime
    ) -> Enrollment:
        enrollment = cls(
            id=id,
            district=district,
            program=program,
            teacher=teacher,
            school_year=year,
            enrolled_by=by,
            enrolled_at=at,
            first_enrolled_at=at,
        )
        enrollment.record(EnrollmentEvent.BEGUN)
        return enrollment

    @property
    def withdrew(self) -> bool:
        """Whether she is out of it by what she said herself."""
        gone = self.state is EnrollmentState.WITHDRAWN and not self.transferred_from
        return gone and self.withdrawn_by == self.teacher

    def enroll_again(self, by: str, at: datetime) -> None:
        """After she was withdrawn; enrolled she is answered as she is. Who withdrew herself is
        enrolled by nobody else."""
        if self.state is EnrollmentState.ENROLLED:
            return
        if self.withdrew:
            detail = "The teacher has withdrawn: she alone can rejoin."
            raise conflict("withdrawn_by_teacher", detail)
        self._begin_again(by, at)

    def check_rejoin(self, by: str, at: datetime) -> None:
        """Whether she may come back: where she withdrew herself."""
        if not self.withdrew:
            raise conflict("not_withdrawn", "Only a teacher who has withdrawn herself rejoins.")

    def rejoin(self, by: str, at: datetime) -> None:
        """Come back, as the teacher who withdrew."""
        self.check_rejoin(by, at)
        self._begin_again(by, at)

    def _begin_again(self, by: str, at: datetime) -> None:
        self.earlier_stays = self._stays_over()
        self.state, self.enrolled_by, self.enrolled_at = EnrollmentState.ENROLLED, by, at
        self.withdrawn_by, self.reason, self.over_at = "", None, None
        self.transferred_from = self.came_from = ""
        self.own_stays = ()
        self.agreed = self.version + 1
        self.record(EnrollmentEvent.BEGUN)

    def _stays_over(self) -> tuple[EnrollmentStay, ...]:
        """Those before the last, with that where it is over and was a time at all."""
        stays = self.earlier_stays
        if self.over_at is not None and self.enrolled_at < self.over_at:
            stays = (*stays, EnrollmentStay(self.enrolled_at, self.over_at))
        return joined(stays)

    def check_withdraw(self, by: str, at: datetime) -> None:
        """Whether there is something to withdraw from."""
        if self.state is not EnrollmentState.ENROLLED:
            raise conflict("not_enrolled", "The teacher is not enrolled any more.")

    def withdraw(self, by: str, at: datetime, reason: WithdrawalReason | None) -> None:
        """By herself, with a reason or none, or by who says why. Raises INVALID
        `reason_needed`."""
        self.check_withdraw(by, at)
        if by != self.teacher and reason is None:
            raise invalid("reason_needed", "Say why the teacher is withdrawn.", "/reason")
        self.state, self.over_at = EnrollmentState.WITHDRAWN, at
        self.withdrawn_by, self.reason = by, reason
        self.record(EnrollmentEvent.WITHDRAWN)

    def end(self, at: datetime) -> None:
        """Its program is closed; of one that is over already nothing changes."""
        if self.state is EnrollmentState.ENROLLED:
            self.state, self.over_at = EnrollmentState.ENDED, at
            self.record(EnrollmentEvent.ENDED)

    def for_teacher(self, id: str, teacher: str) -> Enrollment:
        """The same of another record of the same person, to take its place."""
        made = replace(
            self,
            id=id,
            version=0,
            teacher=teacher,
            enrolled_by=teacher if self.enrolled_by == self.teacher else self.enrolled_by,
            withdrawn_by=teacher if self.withdrawn_by == self.teacher else self.withdrawn_by,
            transferred_from="",
            came_from=self.teacher,
            own_stays=(),
            agreed=1,
        )
        made.record(EnrollmentEvent.TRANSFERRED)
        return made

    def take_over(self, other: Enrollment) -> None:
        """What she had under another id, where she is in the program there and not here, or has
        withdrawn herself there; what she said herself here stays. Times that overlap are one, the
        last of which is over once both are."""
        if self.state is not EnrollmentState.WITHDRAWN or self.withdrew:
            return
        if other.state is EnrollmentState.WITHDRAWN and not other.withdrew:
            return
        stays = self._stays_over()
        if self.came_from != other.came_from:  # else it has taken that over before
            self.own_stays = stays
        theirs = EnrollmentStay(other.enrolled_at, other.over_at or _NEVER)
        *earlier, last = joined((*stays, *other.earlier_stays, theirs))
        self.earlier_stays = tuple(earlier)
        self.state, self.over_at = other.state, last.over_at if other.over_at else None
        self.enrolled_by, self.enrolled_at = other.enrolled_by, last.enrolled_at
        self.first_enrolled_at = min(self.first_enrolled_at, other.first_enrolled_at)
        self.withdrawn_by, self.reason = other.withdrawn_by, other.reason
        self.transferred_from, self.came_from = "", other.came_from
        self.agreed = self.version + 1
        self.record(EnrollmentEvent.TRANSFERRED)

    def give_way(self, at: datetime) -> None:
        """Another one has taken its place, and counts instead of it; again, it changes nothing.
        Since when it was withdrawn before, and by whom, stays."""
        if self.transferred_from:
            return
        if self.state is not EnrollmentState.WITHDRAWN:
            self.state, self.over_at = EnrollmentState.WITHDRAWN, at
        self.transferred_from = self.teacher
        self.record(EnrollmentEvent.TRANSFERRED)

    def part(self, given_up: str, given_up_has: Enrollment | None, at: datetime) -> None:
        """It was no record of the same person: what only came from it is over here, and that it
        did is forgotten; for no time was she in it by that, `enrolled_at` is `over_at`. That the
        other one withdrew herself was not said here."""
        if self.came_from != given_up:
            return
        event = EnrollmentEvent.TRANSFERRED
        if self.state is not EnrollmentState.WITHDRAWN:
            self.state, self.over_at = EnrollmentState.WITHDRAWN, at
            event = EnrollmentEvent.WITHDRAWN
        elif given_up_has is not None and self._says_what(given_up_has):
            self.withdrawn_by, self.reason, self.over_at = "", None, at
        self.earlier_stays, self.own_stays, self.came_from = self.own_stays, (), ""
        self.enrolled_at = self.over_at or at
        self.record(event)

    def _says_what(self, other: Enrollment) -> bool:
        """Whether she withdrew here because she did so there."""
        if not self.withdrew or other.withdrawn_by != other.teacher or other.over_at is None:
            return False
        return self.over_at == max((other.over_at, *(each.over_at for each in self.own_stays)))

    def take_back(self) -> None:
        """Nothing is in its place any more: it is over, as it was left; she alone comes back to
        what she withdrew from herself."""
        if self.transferred_from:
            self.transferred_from = ""
            self.record(EnrollmentEvent.TRANSFERRED)


def joined(stays: Iterable[EnrollmentStay]) -> tuple[EnrollmentStay, ...]:
    """Apart and oldest first; of too many the two between which there was least are one."""
    found: list[EnrollmentStay] = []
    for each in sorted(stays):
        if found and each.enrolled_at <= found[-1].over_at:
            last = found.pop()
            each = EnrollmentStay(last.enrolled_at, max(last.over_at, each.over_at))
        found.append(each)
    while len(found) > MOST_STAYS:
        gaps = [later.enrolled_at - sooner.over_at for sooner, later in pairwise(found)]
        place = gaps.index(min(gaps))
        one = EnrollmentStay(found[place].enrolled_at, found[place + 1].over_at)
        found[place : place + 2] = [one]
    return tuple(found)
