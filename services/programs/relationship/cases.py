"""What callers do with relationships, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.coaching import may_be_coached, to_be_told
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.erasures import ErasesToo
from services.access.guarded import About, Guarded
from services.access.profile import People
from services.access.school_year import SchoolYear
from services.chassis.call import Call
from services.chassis.duties.each import unless_erased
from services.chassis.duties.receipt import Receipt
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.write_path import WritePath
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import (
    Acknowledgment,
    CoachKind,
    Participation,
    RelationshipState,
    Work,
)

# How long the same key names the same school year, where that was not named and turns meanwhile.
REPEATED_WITHIN = timedelta(hours=24)
BY_DATE = ByDate("proposed_at", within=("school_year", "state"))

CoachSees = Annotated[
    list[Annotated[Work, Field(strict=False)]],
    Field(
        max_length=10,
        description="Of the teacher's work what the coach may see; from the teacher alone. Not "
        "given or empty: everything or, where the relationship is active, what it was",
        examples=[["goals"]],
    ),
]
Acknowledged = Annotated[
    list[Annotated[Acknowledgment, Field(strict=False)]],
    Field(max_length=10, description="From the teacher alone.", examples=[["coach_leads"]]),
]


SaidKind = Annotated[
    Annotated[CoachKind, Field(strict=False)] | None,
    Field(
        description="As what the coach coaches; null: not said. An administrator leads or "
        "administers by the roster or a grant, a peer does not",
        examples=["peer"],
    ),
]


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for what the district does to many: who may is then decided for all at once; `view`
    and `erased_too` are for duties: the latter erases what else the service has of a person."""

    relationships: Guarded[Relationship]
    path: WritePath[Relationship]
    receipts: WritePath[Receipt]
    drafts: Drafts
    names: Names
    access: Access
    people: People
    view: ReadsManyAnew
    days: Days
    clock: Clock
    erased_too: Sequence[ErasesToo] = ()


def sides(relationship: Relationship) -> About:
    return About(parties=(relationship.coach, relationship.teacher))


async def coach_leads(ports: Ports, relationship: Relationship) -> bool:
    """Whether the coach leads or administers today, as far as is known."""
    return await leading(ports, relationship.district, relationship.coach)


async def leading(ports: Ports, district: str, person: str) -> bool:
    """Whether a person leads or administers today, as far as is known."""
    coach = await ports.access.profile(district, person)
    today, rules = ports.access.today(district), ports.access.rules(district)
    return coach is not None and to_be_told(coach, today, rules)


async def check_kind(ports: Ports, district: str, coach: str, kind: CoachKind | None) -> None:
    """Raises INVALID where the roster and the grants of today say otherwise."""
    profile = await ports.access.profile(district, coach)
    today, rules = ports.access.today(district), ports.access.rules(district)
    if profile is None:
        return
    if kind is CoachKind.ADMINISTRATOR and not to_be_told(profile, today, rules):
        detail = "This person neither leads nor administers today."
        raise invalid("not_an_administrator", detail, "/coach_kind")
    if kind is CoachKind.PEER and profile.leads(today, rules.roles):
        detail = "Whoever leads or administers is no peer: say that she is an administrator."
        raise invalid("leads_besides", detail, "/coach_kind")


class ProposeRelationship(Body):
    coach_id: Id = Field(examples=["coach-1"])
    teacher_id: Id = Field(examples=["teacher-1"])
    school_year: SchoolYear | None = Field(default=None, description="This one or the next")
    acknowledges: Acknowledged = []
    coach_sees: CoachSees = []
    coach_kind: SaidKind = None
    participation: Annotated[Participation, Field(strict=False)] | None = Field(
        default=None,
        description="Whether the teacher was free to be coached; null: not said",
        examples=["voluntary"],
    )


async def propose_relationship(
    ports: Ports, call: Call, asked: ProposeRelationship
) -> Relationship:
    """Propose that a coach and a teacher work together in this school year or the next; the other
    side answers. What is proposed or active already is answered as it is; what was declined or
    ended is proposed again. Raises CONFLICT `erased` where that was erased.

    Raises INVALID where the one may not coach the other today (`access.coaching.hindrance`)
    or the other neither teaches nor coaches. The coach is looked at first: who may not coach
    learns nothing of who teaches.
    """
    by, now = call.principal.id, ports.clock.now()
    year = ports.days.named(call.district, now, asked.school_year)
    coach, teacher = asked.coach_id, asked.teacher_id
    before = ports.days.school_year_of(call.district, now - REPEATED_WITHIN)
    if call.key and asked.school_year is None and before != year:
        id_ = ports.relationships.derived_id(call.district, coach, teacher, str(before))
        first = await if_there(ports.relationships.look(call, id_, lambda _: None))
        if first is not None and call.replayed:
            return first
    new = Relationship.propose(
        id=ports.relationships.derived_id(call.district, coach, teacher, str(year)),
        district=call.district,
        coach=coach,
        teacher=teacher,
        year=year,
        by=by,
        at=now,
        acknowledged=asked.acknowledges,
        coach_sees=asked.coach_sees,
        coach_kind=asked.coach_kind,
        participation=asked.participation,
    )

    async def check() -> None:
        hindrance = await ports.access.hindrance(call.district, coach, teacher)
        if hindrance is not None:
            raise hindrance
        taught = await ports.access.profile(call.district, teacher)
        today, rules = ports.access.today(call.district), ports.access.rules(call.district)
        if not may_be_coached(taught, today, rules):
            raise invalid("unknown_teacher", "There is no such active teacher.", "/teacher_id")
        await check_kind(ports, call.district, coach, asked.coach_kind)
        ports.days.check_current(call.district, now, year)

    try:
        return await ports.relationships.create(call, new, check=check)
    except Fault as fault:
        if not already_there(fault):
            raise
    changed = ports.relationships.change(
        call,
        new.id,
        lambda known: known.propose_again(
            by,
            now,
            asked.acknowledges,
            asked.coach_sees,
            asked.coach_kind,
            asked.participation,
        ),
    )
    found = await unless_erased(ports.path, call, new.id, changed)
    if found is None:
        detail = "What the two had in this school year was erased: they begin anew in the next."
        raise conflict("erased", detail)
    return found


class AcceptRelationship(Body):
    acknowledges: Acknowledged = []
    coach_sees: CoachSees = []


NOTHING_TO_SAY = AcceptRelationship()


async def accepting(ports: Ports, call: Call, relationship: Relationship) -> None:
    """What accepting asks of it, whatever is sent along."""
    needed = await _needed(ports, relationship)
    relationship.check_accept(call.principal.person, ports.clock.now(), needed)
    if relationship.state is RelationshipState.PROPOSED:
        await check_acknowledged(ports.access, call.district, relationship.teacher)


async def _needed(ports: Ports, relationship: Relationship) -> Collection[Acknowledgment]:
    """What is true of the coach. Raises CONFLICT where she may not coach today."""
    sides = (relationship.coach, relationship.teacher)
    hindrance = await ports.access.hindrance(relationship.district, *sides)
    if hindrance is not None:
        raise conflict(hindrance.code, hindrance.detail)
    return await needed_of(ports, relationship.district, relationship.coach)


async def needed_of(ports: Ports, district: str, coach: str) -> Collection[Acknowledgment]:
    """What a teacher has to acknowledge of a coach today."""
    return (Acknowledgment.COACH_LEADS,) if await leading(ports, district, coach) else ()


async def accept_relationship(
    ports: Ports,
    call: Call,
    relationship_id: Id,
    asked: AcceptRelationship = NOTHING_TO_SAY,
) -> Relationship:
    """Accept a proposal, as the side that did not make it; or, as the teacher, accept anew what
    has become true of her coach or say what her coach may see from now on. A teacher whose
    coach leads (`coach_leads`) says `{"acknowledges": ["coach_leads"]}`.

    Raises CONFLICT where the coach may not coach today, and where the data-use policy in force
    wants the teacher to acknowledge it first: before it begins, and before her coach sees more."""

    async def act(relationship: Relationship) -> None:
        proposed = relationship.state is RelationshipState.PROPOSED
        shown = relationship.coach_sees
        relationship.accept(
            call.principal.person,
            ports.clock.now(),
            needed=await _needed(ports, relationship),
            acknowledged=asked.acknowledges,
            coach_sees=asked.coach_sees,
        )
        if proposed or not set(relationship.coach_sees) <= set(shown):
            await check_acknowledged(ports.access, call.district, relationship.teacher)

    return await ports.relationships.change(call, relationship_id, act)
