"""Who coaches whom on a day: the one rule, for the access view and the cards alike.

It has two halves, since what is known of a teacher and of her coach lies in two rows:
`coaches_of` reads the teacher's, `admission_of` the coach's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from services.access.districts import District
from services.access.profile import Grant, Profile, Tie
from services.access.school_year import school_year_of
from services.chassis.kernel import Fault, invalid

_year = attrgetter("school_year")


def counting_years(day: date, district: District) -> Collection[int]:
    """The school years whose relationships count on a day: the one of the day and, until the end
    of the district's grace, the one before. Never a coming one: what was agreed for that opens
    nothing of this one."""
    this = school_year_of(day)
    if day <= district.relationships.last_day(this - 1):
        return this, this - 1
    return (this,)


def counts(school_year: int, day: date, district: District) -> bool:
    """Whether a relationship of that school year counts on a day."""
    return school_year in counting_years(day, district)


def coaches_of(active: bool, ties: Iterable[Tie], years: Collection[int]) -> Mapping[str, Tie]:
    """The teacher's half: whom a teacher's relationships let in, by coach, with the tie that
    counts (the newest). `active`: she is in the roster; `years`: those that count on the day.
    Empty where she is not."""
    oldest_first = sorted(ties, key=_year) if active else ()
    return {tie.coach: tie for tie in oldest_first if tie.active and tie.school_year in years}


class CoachAdmission(NamedTuple):
    """The coach's half, of one coach on one `day`: whether she `may` coach anybody and, where she
    may not, by which `grants` those whom these reach, and whether whom she coaches is `to_be_told`
    that she may also lead or administer."""

    may: bool
    to_be_told: bool
    day: date
    grants: tuple[Grant, ...] = ()

    def admits(self, tie: Tie, teacher: Profile) -> bool:
        """Whether a tie of a teacher's that counts lets its coach in."""
        may = self.may or self.grant(teacher) is not None
        return may and (tie.told or not self.to_be_told)

    def grant(self, teacher: Profile) -> Grant | None:
        """That by which she may coach this teacher, None where it takes none."""
        return next((each for each in self.grants if each.reaches(teacher, self.day)), None)


def admission_of(coach: Profile | None, day: date, district: District) -> CoachAdmission:
    if coach is None:
        return CoachAdmission(False, False, day)
    may = hindrance(coach, None, day, district) is None
    barred = not coach.active or _barred(coach, day, district)
    grants = () if may or barred else coach.granted_coaching(day)
    return CoachAdmission(may, to_be_told(coach, day, district), day, grants)


def to_be_told(coach: Profile, day: date, district: District) -> bool:
    """Whether a teacher must know, when she accepts, that this coach leads or administers; also
    where it is only possible, by a role of the district's own that the district has not
    explained: the teacher decides, and what she has not been told opens nothing."""
    return coach.may_lead(day, district.roles)


def hindrance(
    coach: Profile | None, teacher: Profile | None, day: date, district: District
) -> Fault | None:
    """Why a person may not coach a teacher on a day: Fault INVALID `unknown_coach`, `not_a_coach`
    or `administrators_may_not_coach`, at /coach_id. None where she may.

    It takes a coaching role, a grant that reaches the teacher or, for peers, a teaching role. Of
    nobody (None) in particular a grant says nothing. Who leads or administers may where she holds
    a coaching role or such a grant as well and her district allows it; a role of the district's
    own leads where the district says so."""
    if coach is None or not coach.active:
        return invalid("unknown_coach", "There is no such active person.", "/coach_id")
    leads = coach.leads(day, district.roles)
    if not _coaches(coach, teacher, day, district) and (leads or not coach.teaches(day)):
        detail = "This person has no coaching role today, nor a grant to coach this teacher."
        return invalid("not_a_coach", detail, "/coach_id")
    if _barred(coach, day, district):
        detail = "Whoever leads or administers does not coach in this district."
        return invalid("administrators_may_not_coach", detail, "/coach_id")
    return None


def may_be_coached(person: Profile | None, day: date, district: District) -> bool:
    """Whether somebody may be the teacher of a relationship on a day: who teaches, and who coaches,
    as a learner herself. Nobody else, whatever she leads."""
    if person is None or not person.active:
        return False
    coaches = person.is_coach(day, district.roles) or bool(person.granted_coaching(day))
    return coaches or person.teaches(day)


def _coaches(coach: Profile, teacher: Profile | None, day: date, district: District) -> bool:
    """By a role of the roster, or by a grant."""
    if coach.is_coach(day, district.roles):
        return True
    if teacher is None:
        return False
    return any(each.reaches(teacher, day) for each in coach.granted_coaching(day))


def _barred(coach: Profile, day: date, district: District) -> bool:
    return coach.leads(day, district.roles) and not district.administrators_may_coach


def granted_coaching(caller: Profile, today: date, org: str) -> str:
    """The id of a grant to coach (where there is an `org`, of one that names it), if she has."""
    granted = caller.granted_coaching(today)
    return next((each.id for each in granted if not org or org in each.orgs), "")
