"""Which relationships a caller is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import IdOrMe
from services.chassis.write.documents import Scalar, where
from services.chassis.write.loading import Found
from services.programs.relationship.cases import BY_DATE, Ports
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import RelationshipState, told_to_others


async def list_relationships(
    ports: Ports,
    call: Call,
    *,
    coach_id: IdOrMe | None = None,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: RelationshipState | None = None,
    after: str,
    limit: int,
) -> Found[Relationship]:
    """Relationships of a coach, of a teacher or of the two together; without either all, for the
    district, and the caller's own, as a coach and then as a teacher. Of a year or of all, in one
    state or in any.

    Those first that were proposed, or carried over, last. To whoever is none of the two what was
    declined has ended, also where she asks for a state."""
    reader, narrowed = call.principal.person, where(school_year=school_year, state=state)
    sides = where(coach=coach_id or None, teacher=teacher_id or None)
    if not sides and (person := await ports.relationships.own_or_all(call)):
        return await _own(ports, call, person, narrowed, after, limit)
    either: list[dict[str, Scalar]] = []
    if state is RelationshipState.DECLINED:
        either = [{"coach": reader}, {"teacher": reader}]
    elif state is RelationshipState.ENDED:
        del narrowed["state"]
        either = [
            {"state": each.value} for each in RelationshipState if told_to_others(each) is state
        ]
    about, asked = About(parties=tuple(str(each) for each in sides.values())), {**sides, **narrowed}
    if sides:
        found = await ports.relationships.find(
            call, about, asked, after, limit, BY_DATE, either=either
        )
    else:
        find, teacher = ports.relationships.find_of_many, attrgetter("teacher")
        found = await find(call, about, asked, after, limit, teacher, BY_DATE, either)
    told = [each for each in found.items if state in (None, each.state_for(reader))]
    return replace(found, items=told)


async def _own(
    ports: Ports,
    call: Call,
    person: str,
    narrowed: Mapping[str, Scalar],
    after: str,
    limit: int,
) -> Found[Relationship]:
    """`after` is a side and the place on it. 2 database commands at most."""
    about = About(parties=(person,))
    find = ports.relationships.find
    side, _, last = after.partition(" ")
    found: Found[Relationship] = Found(())
    if side != "teacher":
        found = await find(call, about, {"coach": person, **narrowed}, last, limit, BY_DATE)
        if found.after:
            return replace(found, after=f"coach {found.after}")
        last = ""
    room = limit - len(found.items) - found.left_out
    if not room:
        return replace(found, after="teacher")
    rest = await find(call, about, {"teacher": person, **narrowed}, last, room, BY_DATE)
    return Found(
        [*found.items, *rest.items],
        f"teacher {rest.after}" if rest.after else "",
        found.left_out + rest.left_out,
    )
