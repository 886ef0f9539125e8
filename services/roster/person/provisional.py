"""People whom no roster file has yet, such as a teacher hired today: added by an administrator, or
by a coach for a school where she works."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.privacy_keys import POLICY_ROW
from services.access.school_year import school_year_of
from services.chassis.call import Call
from services.chassis.fields import ME, Body, Id, Line
from services.chassis.kernel import Fault, Kind, already_there, if_there, invalid
from services.chassis.write.documents import Scalar
from services.chassis.write.quota import Bound
from services.roster.person.cases import Ports
from services.roster.person.domain import MOST_ADDED, MOST_PROVISIONAL, Person
from services.roster.record import Status, record_id

SCHOOL = "school"  # the type of an org
# What people make up is plainer than what files may have: nothing that looks like a path.
NewId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,254}$")]


class AddProvisionalPerson(Body):
    given_name: Line = Field(examples=["Nora"])
    family_name: Line = Field(examples=["Newman"])
    org_id: Id = Field(description="The school at which she teaches", examples=["school-01"])


async def add_provisional_person(
    ports: Ports, call: Call, person_id: NewId, asked: AddProvisionalPerson
) -> Person:
    """Add a teacher whom no roster file has yet. Under the id by which she signs in or will be in
    the file; or say anew who she is. She can be coached at once. The next file that has her says
    all of her; without one she leaves after 60 days.

    A coach adds teachers of the schools at which she works, and changes whom she has added. Raises
    INVALID where there is no such school, CONFLICT where the file has her or too many are waiting.
    """
    district, by, now = call.district, call.principal.id, ports.clock.now()
    today = ports.access.today(district)
    year = school_year_of(today)
    new = Person.add(
        id=record_id(district, "person", person_id),
        district=district,
        sourced_id=person_id,
        names=(asked.given_name, asked.family_name),
        school=asked.org_id,
        school_years=(year, year + 1),
        by=by,
        at=now,
        today=str(today),
    )

    async def check() -> None:
        if person_id == ME:
            raise invalid("reserved_id", "`me` is whoever asks.", "/person_id")
        if person_id == POLICY_ROW:
            raise invalid("reserved_id", "By that id the data-use policy is kept.", "/person_id")
        await _check_school(ports, call, asked.org_id)

    told = f"At most {MOST_PROVISIONAL} people wait for a roster file, {MOST_ADDED} of one person."
    waiting: dict[str, Scalar] = {"provisional": True, "status": Status.ACTIVE.value}
    bounds = (
        Bound({**waiting, "added_by": by}, MOST_ADDED, "too_many_provisional", told),
        Bound(waiting, MOST_PROVISIONAL, "too_many_provisional", told),
    )
    try:
        return await ports.people.create(call, new, bounds, check)
    except Fault as fault:
        if not already_there(fault):
            raise
    in_charge = await _administers(ports, call)
    new.take_event()
    return await ports.people.change(call, new.id, lambda known: known.correct(new, by, in_charge))


async def withdraw_provisional_person(ports: Ports, call: Call, person_id: Id) -> Person:
    """Take back that somebody was added: she leaves the roster. What was done with her stays."""
    by, in_charge = call.principal.id, await _administers(ports, call)
    stored = record_id(call.district, "person", person_id)
    return await ports.people.change(call, stored, lambda known: known.withdraw(by, in_charge))


async def may_correct(ports: Ports, call: Call, person: Person) -> None:
    """Whether the caller may say anew who a provisional person is."""
    person.check_correct(call.principal.id, await _administers(ports, call))


async def may_withdraw(ports: Ports, call: Call, person: Person) -> None:
    """Whether the caller may take back that somebody was added."""
    person.check_withdraw(call.principal.id, await _administers(ports, call))


async def _administers(ports: Ports, call: Call) -> bool:
    caller = await ports.access.profile(call.district, call.principal.person)
    return caller is not None and caller.administers(ports.access.today(call.district))


async def _check_school(ports: Ports, call: Call, org_id: str) -> None:
    """Whether there is such a school, and the caller works there or administers the district."""
    district, today = call.district, ports.access.today(call.district)
    org = await if_there(ports.orgs.get(district, record_id(district, "org", org_id)))
    if org is None or org.status is not Status.ACTIVE or org.type != SCHOOL:
        raise invalid("unknown_school", "There is no such school in the roster.", "/org_id")
    caller = await ports.access.profile(district, call.principal.person)
    if caller is None or caller.administers(today):
        return
    works = any(each.org == org_id and each.holds_on(today) for each in caller.roles)
    if not works and not any(org_id in each.orgs for each in caller.granted_coaching(today)):
        detail = "A coach adds teachers of the schools at which she works."
        raise Fault(Kind.FORBIDDEN, "not_your_school", detail)
