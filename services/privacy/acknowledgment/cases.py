"""What callers do with acknowledgments."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Protocol

from pydantic import Field

from services.access.guarded import About, Guarded
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe
from services.chassis.kernel import Clock, Fault, already_there, if_there, invalid
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.privacy.acknowledgment.domain import Acknowledgment
from services.privacy.statement.domain import Statement


class Statements(Protocol):
    async def get(self, district: str, id: str) -> Statement:
        """Raises Fault NOT_FOUND."""


@dataclass(frozen=True, slots=True)
class Ports:
    acknowledgments: Guarded[Acknowledgment]
    statements: Statements
    names: Names
    clock: Clock


def hers(acknowledgment: Acknowledgment) -> About:
    return About(parties=(acknowledgment.person,))


class AcknowledgeStatement(Body):
    statement_id: Id = Field(examples=["3f0c2a9e-8f57-5d0b-9d0e-6a1b7c2d4e5f"])


async def acknowledge_statement(
    ports: Ports, call: Call, asked: AcknowledgeStatement
) -> Acknowledgment:
    """Say that the caller has read a published statement; a second time the first is answered.

    Raises INVALID `unknown_statement` where there is none that is published."""
    person, statement = call.principal.person, asked.statement_id
    new = Acknowledgment(
        id=ports.acknowledgments.derived_id(call.district, statement, person),
        district=call.district,
        statement=statement,
        person=person,
        at=ports.clock.now(),
    )

    async def check() -> None:
        found = await if_there(ports.statements.get(call.district, statement))
        if found is None or not found.published:
            told = "There is no such published statement."
            raise invalid("unknown_statement", told, "/statement_id")

    try:
        return await ports.acknowledgments.create(call, new.made(), check=check)
    except Fault as fault:
        if not already_there(fault):
            raise
    return await ports.acknowledgments.get(call, new.id)


async def list_acknowledgments(
    ports: Ports,
    call: Call,
    *,
    statement_id: Id | None = None,
    person_id: IdOrMe | None = None,
    after: str,
    limit: int,
) -> Found[Acknowledgment]:
    """Who has read a statement, for the district, or which a person has; without either all, for
    the district, and the caller's own."""
    person = person_id or ("" if statement_id else await ports.acknowledgments.own_or_all(call))
    asked = where(statement=statement_id, person=person or None)
    if person:
        about = About(parties=(person,))
        return await ports.acknowledgments.find(call, about, asked, after, limit)
    whose, find = attrgetter("person"), ports.acknowledgments.find_of_many
    return await find(call, About(), asked, after, limit, whose)
