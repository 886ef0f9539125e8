"""What callers do with members of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from services.access.access import Access
from services.access.guarded import About, Guarded
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.write.documents import Scalar
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.roster.person.domain import Person, place
from services.roster.record import Status, record_id

RoleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,40}$|^ext:[A-Za-z0-9._-]{1,60}$")]


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for lists of many: who may is then decided for all at once."""

    people: Guarded[Person]
    path: WritePath[Person]
    access: Access


def herself(person: Person) -> About:
    return About(parties=(person.sourced_id,))


async def get_person(ports: Ports, call: Call, person_id: Id) -> Person:
    """One member of staff, for herself and the district.

    By sourcedId, also one who has been removed."""
    stored = record_id(call.district, "person", person_id)
    return await ports.people.get(call, stored, About(parties=(person_id,)))


async def list_people(
    ports: Ports,
    call: Call,
    *,
    role: RoleName | None = None,
    org_id: Id | None = None,
    after: str,
    limit: int,
) -> Found[Person]:
    """The district's staff: of a role, of an org, or of a role at an org.

    Ordered by id."""
    look = await ports.access.allow_many(call)
    where: dict[str, Scalar] = {"status": Status.ACTIVE.value}
    if role or org_id:
        where["held"] = place(role or "", org_id or "")
    page = await ports.path.find(call.district, where, after, limit)
    look.shown(len({each.sourced_id for each in page.items} - {call.principal.person}))
    return page
