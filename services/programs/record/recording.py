"""What is written in planning records."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Annotated

from pydantic import Field

from services.access.guarded import About
from services.access.peers import may_be_peer
from services.access.ties import check_goal
from services.chassis.call import Call
from services.chassis.duties.each import erased_since
from services.chassis.fields import Body, Id, Instant, Text
from services.chassis.kernel import (
    Fault,
    Kind,
    already_there,
    conflict,
    if_there,
    invalid,
    not_found,
)
from services.chassis.write.anew import anew_id
from services.chassis.write.documents import Scalar
from services.chassis.write.quota import Bound
from services.chassis.write.races import lost
from services.chassis.write.write_path import WritePath
from services.programs.circle.domain import Circle
from services.programs.record.cases import (
    NOBODY,
    Ports,
    last_of,
    shared_by,
)
from services.programs.record.domain import (
    MOST_IN_RECORD,
    MOST_IN_YEAR,
    PlanningEntry,
    Shared,
    Written,
    unknown_entry,
)
from services.programs.record.outline import EntryKind, Links, RecordOf
from services.programs.relationship.domain import Relationship

RACES = 12  # for the next number of a record, before a caller is asked to try again
SALT_BYTES = 16

OfRelationship = Annotated[
    Id | None, Field(description="Whose record it is: a coach's with a teacher")
]
OfCircle = Annotated[Id | None, Field(description="Whose record it is: a pair's or a group's")]


class WritePlanningEntry(Body):
    """In the record of a relationship or of a circle. What it is about is named by its id."""

    relationship_id: OfRelationship = None
    circle_id: OfCircle = None
    kind: Annotated[EntryKind, Field(strict=False)] = Field(examples=["plan"])
    text: Text = Field(examples=["Ask fewer questions, and wait after each"])
    device_at: Instant | None = Field(
        default=None,
        examples=["2026-11-04T15:30:00Z"],
        description="When it was written, by the clock of the device",
    )
    goal_id: Id | None = None
    trial_id: Id | None = None
    observation_id: Id | None = None
    administration_id: Id | None = None
    coaching_session_id: Id | None = None
    corrects_id: Id | None = Field(
        default=None, description="An entry of the caller's own in this record that it puts right"
    )


async def write_planning_entry(
    ports: Ports, call: Call, asked: WritePlanningEntry
) -> PlanningEntry:
    """Write in the planning record of a relationship or a circle, as one who is of it today.

    It is there for good, for who is of it now; what puts it right is another entry, which names it.
    Raises CONFLICT while the two do not work together or the circle is not active."""
    ports.access.check_scope(call)
    shared = await shared_by(ports, call, asked.relationship_id, asked.circle_id)
    about = About(parties=shared.readers) if shared is not None else NOBODY
    said = Written(
        asked.kind,
        asked.text,
        Links(
            asked.goal_id or "",
            asked.trial_id or "",
            asked.observation_id or "",
            asked.coaching_session_id or "",
            asked.administration_id or "",
        ),
        asked.corrects_id or "",
        asked.device_at,
    )

    async def write() -> PlanningEntry:
        assert shared is not None  # else nobody is let in
        made = await _written(ports, call, shared, said)
        of: WritePath[Relationship] | WritePath[Circle] = ports.relationships
        if shared.of is RecordOf.CIRCLE:
            of = ports.circles
        if await erased_since(of, shared.id, ports.path, call, made.id):
            raise not_found()
        return made

    return await ports.reads.one(call, about, write)


async def _written(ports: Ports, call: Call, shared: Shared, said: Written) -> PlanningEntry:
    """The next entry. Its id follows from the record and its number, so of two who write at once
    one finds the number taken and takes the next. What the same call made before is found by its
    key, *after* the end was read: what was made since then has a number that is taken. Where all
    at the end was erased its numbers come again. 4 database commands, and 3 for each lost race."""
    by, made_by = call.principal.person, ports.path.new_id(call)
    for race in range(RACES):
        last = await last_of(ports, call.district, shared.id)
        again = await _made(ports, call, made_by)
        if again is not None:
            return await ports.entries.change(call, again.id, lambda each: None)
        number = last.chained.number + 1 if last is not None else 1
        new = PlanningEntry.write(
            id=await anew_id(ports.path, call.district, shared.id, str(number)),
            district=call.district,
            record=shared,
            last=last,
            by=by,
            at=ports.clock.now(),
            said=said,
            salt=_salt(),
            made_by=made_by,
        )

        try:
            check = partial(_check, ports, call, shared, new)
            return await ports.path.create(call, new, _bounds(new), check)
        except Fault as fault:
            if not already_there(fault):
                raise
        await lost(min(race, 3))
    raise Fault(Kind.UNAVAILABLE, "contention", "Many write at once; try again.")


def _salt() -> str:
    return secrets.token_hex(SALT_BYTES)


async def _made(ports: Ports, call: Call, made_by: str) -> PlanningEntry | None:
    if not call.key:
        return None
    found = await ports.path.find(call.district, {"made_by": made_by}, "", 1)
    return found.items[0] if found.items else None


async def _check(ports: Ports, call: Call, shared: Shared, new: PlanningEntry) -> None:
    await _check_together(ports, call, shared)
    await _check_links(ports, call, new)


async def _check_together(ports: Ports, call: Call, shared: Shared) -> None:
    """Raises CONFLICT unless they work together today, by what is stored and by who they are."""
    by, now = call.principal.person, ports.clock.now()
    together = ports.days.counts(call.district, now, shared.school_year)
    if shared.of is RecordOf.RELATIONSHIP:
        two = await if_there(ports.relationships.get(call.district, shared.id))
        together = together and two is not None and two.active
        known = (call.district, shared.coach, shared.teacher)
        together = together and await ports.access.coaches(*known)
    else:
        circle = await if_there(ports.circles.get(call.district, shared.id))
        active = circle is not None and circle.active and by in circle.joined
        together = together and active and await _is_peer(ports, call)
    if not together:
        detail = "Only who works together today, and is known to, writes in their record."
        raise conflict("not_together", detail)


async def _is_peer(ports: Ports, call: Call) -> bool:
    access, district = ports.access, call.district
    profile = await access.profile(district, call.principal.person)
    return may_be_peer(profile, access.today(district), access.rules(district))


async def _check_links(ports: Ports, call: Call, new: PlanningEntry) -> None:
    """Raises INVALID for a goal that the caller is not shown as the teacher's whom it is about, a
    session that is not of both, and what she cannot put right. What other services have is kept as
    it was sent."""
    await check_goal(ports.access, call, new.teacher, new.links.goal)
    if new.links.coaching_session:
        session = await if_there(ports.sessions.get(call.district, new.links.coaching_session))
        sides = (session.coach, *session.teachers) if session is not None else ()
        if not sides or not set(new.readers) <= set(sides):
            detail = "All who are of the record are of the session, or it is not named in it."
            raise invalid("unknown_session", detail, "/coaching_session_id")
    if new.corrects:
        corrected = await if_there(ports.path.get(call.district, new.corrects))
        if corrected is None:
            raise unknown_entry()
        corrected.check_corrected_by(new.record_id, new.author)


def _bounds(new: PlanningEntry) -> list[Bound]:
    record = f"A person writes at most {MOST_IN_RECORD} entries in a record."
    year = f"A person writes at most {MOST_IN_YEAR} entries in a school year."
    hers: Mapping[str, Scalar] = {"author": new.author}
    return [
        Bound({**hers, "record_id": new.record_id}, MOST_IN_RECORD, "too_many_entries", record),
        Bound({**hers, "school_year": new.school_year}, MOST_IN_YEAR, "too_many_entries", year),
    ]
