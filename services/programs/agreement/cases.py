"""What callers do with agreements, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.duties.each import erased_since, unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id, Line
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.programs.agreement.domain import Agreement
from services.programs.agreement.outline import AgreementTerms
from services.programs.relationship.domain import Relationship, Work

BY_DATE = ByDate("begun_at", within=("relationship", "school_year"))
_NOBODY = ("",)  # has a relationship that there is not
Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for duties; `relationships` are read by their ids, and changed by
    these."""

    agreements: Guarded[Agreement]
    path: WritePath[Agreement]
    relationships: WritePath[Relationship]
    names: Names
    access: Access
    view: ReadsAnew
    clock: Clock


async def whose(access: Access, agreement: Agreement) -> About:
    """The teacher's, and her coach's, who reads it no more once she leads without the teacher's
    leave."""
    return About(parties=await _sides(access, agreement.district, agreement))


async def _sides(access: Access, district: str, of: Agreement | Relationship) -> tuple[str, ...]:
    coach = (of.coach,) if await access.is_side(district, of.coach, of.teacher) else ()
    return (*coach, of.teacher)


class ProposeAgreement(Body):
    """It has no student's name in it, as nothing here has."""

    relationship_id: Id = Field(examples=["5f0c9a4e-0000-4000-8000-000000000011"])
    works_on: Words = Field(examples=["More students talk to each other about the text"])
    how_often: Line = Field(examples=["A visit and a talk every other week"])
    coach_sees: Annotated[
        list[Annotated[Work, Field(strict=False)]],
        Field(
            min_length=1,
            max_length=10,
            description="Of the teacher's work what the coach may see once both have accepted",
            examples=[["goals", "observations"]],
        ),
    ]
    shared_with: Words | None = Field(
        default=None,
        description="What is told to whom besides; null: nothing to anybody",
        examples=["The principal is told that we meet, and nothing of what is said"],
    )
    begin_date: Day | None = Field(default=None, examples=["2026-09-14"])
    end_date: Day | None = Field(default=None, examples=["2027-01-29"])


async def propose_agreement(ports: Ports, call: Call, asked: ProposeAgreement) -> Agreement:
    """Offer the other side of an active relationship what the two are to agree on. A version that
    waits for an answer is replaced; what is in force stays until the new one is accepted.

    Raises CONFLICT where the relationship is not active, `too_many_offers` after 10 by one side
    within a week, `too_many_agreed` where both have accepted 20, and `erased` where that was
    erased."""
    by, now, of = call.principal.id, ports.clock.now(), asked.relationship_id
    ports.access.check_scope(call)
    found = await if_there(ports.relationships.get(call.district, of))
    sides = await _sides(ports.access, call.district, found) if found is not None else _NOBODY
    about = About(parties=sides)
    id_ = ports.agreements.derived_id(call.district, of)
    terms = AgreementTerms(
        works_on=asked.works_on,
        how_often=asked.how_often,
        coach_sees=tuple(sorted(set(asked.coach_sees))),
        shared_with=asked.shared_with or "",
        begins=asked.begin_date or "",
        ends=asked.end_date or "",
    )

    async def make() -> Agreement:
        assert found is not None  # else nobody is let in
        return Agreement.begin(
            id=id_,
            district=call.district,
            relationship=of,
            coach=found.coach,
            teacher=found.teacher,
            year=found.school_year,
            by=by,
            at=now,
            terms=terms,
            heard=_heard(found, by),
        )

    async def check() -> None:
        await _active(ports, call, of)

    async def again(known: Agreement) -> None:
        known.offer(by, now, terms, _heard(await _active(ports, call, of), by))

    try:
        made = await ports.agreements.create_about(call, about, make, check=check)
    except Fault as fault:
        if not already_there(fault):
            raise
        changed = await unless_erased(
            ports.path, call, id_, ports.agreements.change(call, id_, again)
        )
        if changed is None:
            raise conflict("erased", "What the two had agreed on was erased.") from None
        made = changed
    if await erased_since(ports.relationships, of, ports.path, call, made.id):
        raise conflict("erased", "What the two had agreed on was erased.")
    return made


async def _active(ports: Ports, call: Call, relationship_id: str) -> Relationship:
    found = await if_there(ports.relationships.get(call.district, relationship_id))
    if found is None or not found.active:
        raise conflict("not_active", "Two agree on something while their relationship is active.")
    return found


def _heard(relationship: Relationship, by: str) -> int:
    """By which version of the relationship the teacher says it; 0 of anybody else."""
    return relationship.version if by == relationship.teacher else 0


class AcceptAgreement(Body):
    number: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the version that is accepted, as it was read", examples=[1]
    )


async def accept_agreement(
    ports: Ports, call: Call, agreement_id: Id, asked: AcceptAgreement
) -> Agreement:
    """Accept the version that the other side has offered: it is in force from now on, and the coach
    sees of the teacher's work what it says, unless she says otherwise on any later day.

    Raises CONFLICT where another version is offered by now, where the relationship is not active,
    and where the data-use policy in force wants the teacher to acknowledge it before her coach sees
    more."""

    async def act(agreement: Agreement) -> None:
        by = call.principal.person
        agreement.check_accept(by, ports.clock.now())
        relationship = await _active(ports, call, agreement.relationship)
        agreement.accept(by, ports.clock.now(), asked.number, _heard(relationship, by))
        assert agreement.in_force is not None
        if not set(agreement.in_force.terms.coach_sees) <= set(relationship.coach_sees):
            await check_acknowledged(ports.access, call.district, agreement.teacher)

    return await ports.agreements.change(call, agreement_id, act)


async def list_agreements(
    ports: Ports,
    call: Call,
    *,
    relationship_id: Id | None = None,
    school_year: QueryYear | None = None,
    after: str,
    limit: int,
) -> Found[Agreement]:
    """The caller's own, as a coach and as a teacher, without what they say; of one relationship or
    of all. Those first that were begun last. Who leads, or may, is given those alone in which she
    is the teacher."""
    person = ports.agreements.own(call)
    leads = await ports.access.may_lead(call.district, person)
    asked = where(sides=person, relationship=relationship_id, school_year=school_year)
    asked |= where(teacher=person if leads else None)
    return await ports.agreements.find(call, About(parties=(person,)), asked, after, limit, BY_DATE)
