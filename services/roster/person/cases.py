"""What callers do with members of staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.guarded import About, Guarded, GuardedReads
from services.access.looks import LookAtMany
from services.access.profile import Capability, Grant
from services.access.school_year import school_year_of
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id, IdOrMe
from services.chassis.kernel import Clock, if_there
from services.chassis.write.documents import Scalar
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.roster.org.domain import Org
from services.roster.person.domain import Person, place
from services.roster.record import Status, record_id

RoleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,40}$|^ext:[A-Za-z0-9._-]{1,60}$")]

# What a grant may be of: the proto, which has the same words, holds this to it.
GrantedRole = Literal[
    "coach",
    "external_coach",
    "program_lead",
    "facilitator",
    "school_leader",
    "safeguarding",
    "records_officer",
]

Provisional = Annotated[
    bool, Field(description="Only whom no roster file has yet (true), or only whom one has (false)")
]


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for lists of many: who may is then decided for all at once. `orgs` are read for
    their names, which all staff may see."""

    people: Guarded[Person]
    path: WritePath[Person]
    orgs: WritePath[Org]
    reads: GuardedReads
    names: Names
    access: Access
    clock: Clock


@dataclass(frozen=True, slots=True)
class Herself:
    """Whoever asks, on the present day of her district. `orgs`: those at which she holds a role
    today, by their sourcedIds, without what the roster no longer has. `grants`: of roles that are
    known here, those that count today and those that are still to begin, which are first to begin
    first."""

    person: Person
    district: str
    time_zone: str
    today: date
    capabilities: tuple[Capability, ...]
    orgs: Mapping[str, Org]
    grants: tuple[Grant, ...]

    @property
    def school_year(self) -> int:
        return school_year_of(self.today)


def herself(person: Person) -> About:
    return About(parties=(person.sourced_id,))


async def get_person(ports: Ports, call: Call, person_id: IdOrMe) -> Person:
    """One member of staff, for herself and the district.

    By sourcedId, also one who has been removed."""
    stored = record_id(call.district, "person", person_id)
    return await ports.people.get(call, stored, About(parties=(person_id,)))


async def herself_today(ports: Ports, call: Call) -> Herself:
    """1 database command, and 1 for each org at which she holds a role."""

    async def read() -> Herself:
        district, by = call.district, call.principal.person
        person = await ports.path.get(district, record_id(district, "person", by))
        profile = await ports.access.profile(district, by)
        today, rules = ports.access.today(district), ports.access.rules(district)
        orgs = {}
        for each in sorted({role.org for role in person.roles if role.holds_on(str(today))}):
            org = await if_there(ports.orgs.get(district, record_id(district, "org", each)))
            if org is not None and org.status is Status.ACTIVE:
                orgs[each] = org
        may_be = profile.capabilities(today, rules.roles) if profile is not None else ()
        given = _lasting(profile.grants, today) if profile is not None else ()
        return Herself(person, district, rules.time_zone, today, may_be, orgs, given)

    return await ports.reads.one(call, About(), read)


def _lasting(grants: Sequence[Grant], today: date) -> tuple[Grant, ...]:
    lasting = (each for each in grants if not each.ends or str(today) <= each.ends)
    known = (each for each in lasting if each.role in get_args(GrantedRole))
    return tuple(sorted(known, key=lambda each: (each.begins, each.id)))


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff with her roles of today at one org."""

    person: Person
    roles: tuple[str, ...]


async def list_staff(
    ports: Ports, call: Call, *, org_id: Id, role: RoleName | None = None, after: str, limit: int
) -> Found[Colleague]:
    """Who holds a role at an org, for coaches and the district: to find whom to work with.

    By id. As it was when the roster was brought in; roles that have ended since are left out."""
    look = await ports.access.allow_many(call, org=org_id)
    found = await _page(ports, call, look, role, org_id, after, limit)
    today = str(ports.access.today(call.district))
    staff = []
    for each in found.items:
        there = {at.role for at in each.roles if at.org == org_id and at.holds_on(today)}
        if there and (role is None or role in there):
            staff.append(Colleague(each, tuple(sorted(there))))
    return Found(staff, found.after, found.left_out)


async def list_people(
    ports: Ports,
    call: Call,
    *,
    role: RoleName | None = None,
    org_id: Id | None = None,
    provisional: Provisional | None = None,
    after: str,
    limit: int,
) -> Found[Person]:
    """The district's staff: of a role, of an org, or of a role at an org; whom no roster file has
    yet (`provisional`), or whom one has.

    Ordered by id."""
    look = await ports.access.allow_many(call)
    return await _page(ports, call, look, role, org_id, after, limit, provisional)


async def _page(
    ports: Ports,
    call: Call,
    look: LookAtMany,
    role: str | None,
    org_id: str | None,
    after: str,
    limit: int,
    provisional: bool | None = None,
) -> Found[Person]:
    where: dict[str, Scalar] = {"status": Status.ACTIVE.value}
    if provisional is not None:
        where["provisional"] = provisional
    if role or org_id:
        where["held"] = place(role or "", org_id or "")
    page = await ports.path.find(call.district, where, after, limit)
    look.shown({each.sourced_id for each in page.items})
    return page
