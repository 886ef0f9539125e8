"""What a district's coaches and teachers had in one school year, made theirs in the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.access.coaching import hindrance, may_be_coached, to_be_told
from services.access.profile import Profile
from services.access.school_year import first_day, last_day
from services.chassis.call import Call
from services.chassis.kernel import Fault, already_there, if_there, invalid
from services.chassis.write.loading import UNREADABLE, Found
from services.programs.relationship.cases import Ports
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import Acknowledgment

MOST = 100  # relationships of the old year in one call


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of `old`: the `new` one of the next year, or the `reason` why there is none
    of this call."""

    old: Relationship
    new: Relationship | None = None
    reason: str = ""


async def carry_over_relationships(
    ports: Ports,
    call: Call,
    *,
    from_year: int,
    to_year: int,
    validate_only: bool,
    after: str,
) -> Found[Carried]:
    """Carry over the next relationships of `from_year`, at most 100, by id, also those that have
    ended with it: each is a write of its own, and what is there for `to_year` already stays as it
    is, so that whoever was cut short repeats it. Whether teachers are asked again is the
    district's setting. Roles are
    those of `to_year`, from today. Raises INVALID where the years are not one after the other
    or the second is neither this school year nor the next.

    1 database command to read them, 1 where people are not known yet; then for each 1, and 1
    more where it is there, or was erased, and where it is only looked what would be."""
    look = await ports.access.allow_many(call)
    if to_year != from_year + 1:
        detail = "Relationships are carried over from one school year to the one after it."
        raise invalid("years_not_adjacent", detail, "/to_school_year")
    this = ports.days.school_year_of(call.district, ports.clock.now())
    if to_year not in (this, this + 1):
        detail = "Relationships are carried over to this school year or to the next."
        raise invalid("not_this_or_next_year", detail, "/to_school_year")
    found = await ports.path.find(call.district, {"school_year": from_year}, after, MOST)
    named = {person for each in found.items for person in (each.coach, each.teacher)}
    look.shown(named)
    people = await _people(ports, call.district, to_year, named)
    carried = [await _carried(ports, call, each, people, validate_only) for each in found.items]
    return Found(carried, found.after, found.left_out)


async def _people(
    ports: Ports, district: str, year: int, named: Collection[str]
) -> Mapping[str, Profile]:
    """Those who are in the roster, with their roles in the rest of a school year."""
    first, last = max(ports.access.today(district), first_day(year)), last_day(year)
    profiles = await ports.people.profiles(district, named)
    return {
        person: profile.within(first, last)
        for person, profile in profiles.items()
        if profile is not None and profile.active
    }


async def _carried(
    ports: Ports,
    call: Call,
    old: Relationship,
    people: Mapping[str, Profile],
    validate_only: bool,
) -> Carried:
    try:
        new = _next_of(ports, call, old, people)
    except Fault as fault:
        return Carried(old, reason=fault.code)
    if not validate_only:
        try:
            return Carried(old, await ports.path.create(call, new))
        except Fault as fault:
            if not already_there(fault):
                raise
    reason = await _there(ports, call.district, new.id)
    return Carried(old, reason=reason) if reason else Carried(old, new)


def _next_of(
    ports: Ports, call: Call, old: Relationship, people: Mapping[str, Profile]
) -> Relationship:
    """Raises Fault, with the reason as its code, where there is to be none."""
    day, rules = first_day(old.school_year + 1), ports.access.rules(old.district)
    coach, teacher = people.get(old.coach), people.get(old.teacher)
    last = rules.relationships.last_day(old.school_year)
    over = ports.days.ends(old.district, last)
    if old.lasted(over):  # else it matters to nobody who they are
        why_not = hindrance(coach, teacher, day, rules)
        if why_not is not None:
            raise why_not
        if not may_be_coached(teacher, day, rules):
            raise invalid("unknown_teacher", "There is no such active teacher.")
    told = coach is not None and to_be_told(coach, day, rules)
    year = str(old.school_year + 1)
    return old.carry_over(
        id=ports.path.derived_id(old.district, old.coach, old.teacher, year),
        by=call.principal.id,
        at=ports.clock.now(),
        ask_again=rules.relationships.carrying_over_needs_acceptance,
        needed=(Acknowledgment.COACH_LEADS,) if told else (),
        over=over,
    )


async def _there(ports: Ports, district: str, id: str) -> str:
    """Why what has this id stays as it is; empty where there is nothing."""
    try:
        there = await if_there(ports.path.get(district, id))
    except Fault as fault:
        if fault.code in UNREADABLE:
            return fault.code
        raise
    if there is None:
        return "already_over" if await ports.path.is_erased(district, id) else ""
    return "already_there" if there.open else "already_over"
