"""What callers do with records that may be one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from pydantic import Field

from services.access.access import Access
from services.access.districts import OwnRoles
from services.access.guarded import About, Guarded
from services.access.profile import Capability, Profile
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe
from services.chassis.kernel import Clock, Fault, already_there, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.roster.match.domain import MOST_PROPOSED, Match, MatchReason, MatchState
from services.roster.person.domain import Person
from services.roster.record import Status, record_id

if TYPE_CHECKING:
    from services.roster.cover.domain import Cover
    from services.roster.grant.domain import Grant

BY_DATE = ByDate("proposed_at", within=("state",))
TOO_MANY = Bound(
    {"state": MatchState.PROPOSED.value},
    MOST_PROPOSED,
    "too_many_matches",
    f"At most {MOST_PROPOSED} wait for somebody to decide.",
)


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for what one match says to another, `grants` and `covers` for what of them stays
    when two are parted."""

    matches: Guarded[Match]
    path: WritePath[Match]
    people: WritePath[Person]
    grants: WritePath[Grant]
    covers: WritePath[Cover]
    names: Names
    access: Access
    clock: Clock


def both(match: Match) -> About:
    return About(parties=(match.source, match.target))


class ProposeMatch(Body):
    from_person_id: Id = Field(
        description="The record that is given up: she signs in by it no more",
        examples=["teacher-0003"],
    )
    into_person_id: Id = Field(
        description="The record that is kept, by which she signs in", examples=["teacher-0002"]
    )


async def propose_match(ports: Ports, call: Call, asked: ProposeMatch) -> Match:
    """Say that two records are one person; nothing is done before it is confirmed. Of two people
    there is one such proposal: made again it says which record is given up.

    Raises INVALID where there is no such record, or the one that is kept is not active."""
    source, target = asked.from_person_id, asked.into_person_id
    new = Match(
        id=ports.matches.derived_id(call.district, *sorted((source, target))),
        district=call.district,
        source=source,
        target=target,
        reason=MatchReason.STATED,
        proposed_by=call.principal.id,
        proposed_at=ports.clock.now(),
    ).proposed()

    async def check() -> None:
        await check_people(ports, call, new)

    try:
        return await ports.matches.create(call, new, [TOO_MANY], check)
    except Fault as fault:
        if not already_there(fault):
            raise
    return await ports.matches.change(call, new.id, lambda known: known.propose_again(new))


async def list_matches(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe | None = None,
    state: MatchState | None = None,
    after: str,
    limit: int,
) -> Found[Match]:
    """Which records may be one person, or are: the newest first; in one state or in any, of one
    record, whichever is given up, or of all."""
    asked = where(state=state)
    if person_id:
        about, sides = About(parties=(person_id,)), ({"source": person_id}, {"target": person_id})
        find = ports.matches.find
        return await find(call, about, asked, after, limit, BY_DATE, either=sides)
    source = attrgetter("source")
    return await ports.matches.find_of_many(call, About(), asked, after, limit, source, BY_DATE)


async def both_active(ports: Ports, match: Match) -> bool:
    """Whether both are in the roster, as two people would be."""
    found = await ports.access.profiles(match.district, (match.source, match.target))
    return all(each is not None and each.active for each in found.values())


async def check_people(ports: Ports, call: Call, match: Match) -> None:
    """Raises Fault INVALID where the two cannot be one person for whoever asks."""
    source = await _person(ports, match.district, match.source)
    if source is None or source.merged_into:
        raise invalid("unknown_person", "There is no such record.", "/from_person_id")
    target = await _person(ports, match.district, match.target)
    if target is None or target.status is not Status.ACTIVE:
        detail = "The record that is kept is not in the roster."
        raise invalid("unknown_person", detail, "/into_person_id")
    if call.principal.person in (match.source, match.target):
        detail = "Nobody merges a record of her own: somebody else has to decide."
        raise invalid("unknown_person", detail, "/into_person_id")
    await _check_power(ports, match)


async def _check_power(ports: Ports, match: Match) -> None:
    """A merge opens what is of the one to the other: no work of a teacher's may come to who has
    power over her, or coaches her, by being called hers."""
    access, district = ports.access, match.district
    day, roles = access.today(district), access.rules(district).roles
    found = await access.profiles(district, (match.source, match.target))
    # what begins on a later day, too: it would open what is moved now
    source, target = (
        None if each is None else each.within(day, date.max)
        for each in (found[match.source], found[match.target])
    )
    known = [each for each in (source, target) if each is not None]
    if any(each.may_lead(day, roles) or each.administers(day) for each in known):
        detail = "Who leads or administers is not merged: end that role in the roster first."
        raise invalid("unknown_person", detail, "/into_person_id")
    coaches = [each is not None and _coaches(each, day, roles) for each in (source, target)]
    if source is not None and source.active and coaches == [False, True]:
        detail = "A teacher in the roster is not merged into who coaches."
        raise invalid("unknown_person", detail, "/into_person_id")
    for one, other in ((match.source, match.target), (match.target, match.source)):
        if await access.tie(district, one, other) is not None:
            detail = "Who coaches the other is somebody else."
            raise invalid("unknown_person", detail, "/into_person_id")


def _coaches(person: Profile, day: date, roles: OwnRoles) -> bool:
    return Capability.COACH in person.capabilities(day, roles)


async def _person(ports: Ports, district: str, id: str) -> Person | None:
    return await if_there(ports.people.get(district, record_id(district, "person", id)))
