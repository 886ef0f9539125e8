"""Who coaches whom on a day: the one rule, for the access view and the cards alike.

It has two halves, since what is known of a teacher and of her coach lies in two rows:
`coaches_of` reads the teacher's, `admits` the coach's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from services.access.districts import District
from services.access.profile import Profile, Tie
from services.access.school_year import school_year_of
from services.chassis.kernel import Fault, invalid


def counts(school_year: int, day: date, district: District) -> bool:
    """Whether a relationship of that school year counts on a day: in its year, and then until
    the end of the district's grace. Never before: what was agreed for the coming year opens
    nothing of this one."""
    this = school_year_of(day)
    return school_year == this or (
        school_year == this - 1 and day <= district.relationships.last_day(school_year)
    )


def coaches_of(
    active: bool, ties: Iterable[Tie], day: date, district: District
) -> Mapping[str, Tie]:
    """The teacher's half: whom a teacher's relationships let in on a day, by coach, with the
    tie that counts (the newest). `active`: she is in the roster. Empty where she is not."""
    oldest_first = sorted(ties, key=lambda tie: tie.school_year) if active else ()
    return {
        tie.coach: tie
        for tie in oldest_first
        if tie.active and counts(tie.school_year, day, district)
    }


def admits(tie: Tie, coach: Profile, day: date, district: District) -> bool:
    """The coach's half: whether a tie that counts lets its coach in on a day."""
    may = hindrance(coach, day, district) is None
    return may and (tie.told or not to_be_told(coach, day, district))


def to_be_told(coach: Profile, day: date, district: District) -> bool:
    """Whether a teacher must know, when she accepts, that this coach leads or administers; also
    where it is only possible, by a role of the district's own that the district has not
    explained: the teacher decides, and what she has not been told opens nothing."""
    return coach.may_lead(day, district.roles)


def hindrance(coach: Profile | None, day: date, district: District) -> Fault | None:
    """Why a person may coach nobody on a day: Fault INVALID `unknown_coach`, `not_a_coach` or
    `administrators_may_not_coach`, at /coach_id. None where she may.

    It takes a coaching role or, for peers, a teaching role. Who leads or administers may
    where she holds a coaching role as well and her district allows it; a role of the district's
    own leads where the district says so."""
    if coach is None or not coach.active:
        return invalid("unknown_coach", "There is no such active person.", "/coach_id")
    leads = coach.leads(day, district.roles)
    if not coach.is_coach(day, district.roles) and (leads or not coach.teaches(day)):
        return invalid("not_a_coach", "This person has no coaching role today.", "/coach_id")
    if leads and not district.administrators_may_coach:
        detail = "Whoever leads or administers does not coach in this district."
        return invalid("administrators_may_not_coach", detail, "/coach_id")
    return None
