"""What callers do with planning records."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.kernel import Clock, Fault, Kind, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.write_path import WritePath
from services.programs.circle.domain import Circle
from services.programs.record.domain import (
    PlanningEntry,
    Shared,
)
from services.programs.record.outline import PlanningEntryOutline, RecordOf
from services.programs.relationship.domain import Relationship
from services.programs.session.domain import CoachingSession

BY_DATE = ByDate("written_at", within=("kind",))
NOBODY = About(parties=("",))  # whose record there is none of


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for duties; `relationships`, `circles` and `sessions` are read by their
    ids."""

    entries: Guarded[PlanningEntry]
    path: WritePath[PlanningEntry]
    relationships: WritePath[Relationship]
    circles: WritePath[Circle]
    sessions: WritePath[CoachingSession]
    reads: GuardedReads
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


async def whose(access: Access, entry: PlanningEntryOutline) -> About:
    """Its author, and who was of the record when it was written and has no power over her today:
    who leads or may lead reads it only as a coach whom the teacher lets. No database command when
    profiles are warm."""
    others, district = [each for each in entry.readers if each != entry.author], entry.district
    await access.profiles(district, others)  # with one command
    parties = [entry.author] if entry.author else []
    for each in others:
        lets = each == entry.coach and await access.coaches(district, each, entry.teacher)
        if lets or not await access.may_lead(district, each):
            parties.append(each)
    return About(parties=tuple(parties) or ("",))


async def shared_by(
    ports: Ports, call: Call, relationship: str | None, circle: str | None
) -> Shared | None:
    """Whose record it is, with those who are of it today, whether they may write or not; None of
    what there is not. Raises INVALID unless one of the two is named. 1 database command."""
    if (relationship is None) == (circle is None):
        detail = "Name the relationship or the circle whose record it is."
        raise invalid("record_of_one", detail, "/relationship_id")
    if relationship is not None:
        two = await if_there(ports.relationships.get(call.district, relationship))
        return of_two(two) if two is not None else None
    several = await if_there(ports.circles.get(call.district, circle or ""))
    return of_several(several) if several is not None else None


def of_two(two: Relationship) -> Shared:
    sides = (two.coach, two.teacher)
    return Shared(
        RecordOf.RELATIONSHIP, two.id, two.school_year, sides, teacher=two.teacher, coach=two.coach
    )


def of_several(circle: Circle) -> Shared:
    return Shared(RecordOf.CIRCLE, circle.id, circle.school_year, circle.joined)


async def last_of(ports: Ports, district: str, record: str) -> PlanningEntry | None:
    """Raises UNAVAILABLE where it was stored by a newer build."""
    found = await ports.path.find(district, {"record_id": record}, "", 1, BY_DATE)
    if found.left_out:
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer build has written in this record.")
    return found.items[0] if found.items else None
