"""What callers may do with members of staff: each sees herself, coaches the names and roles of a
school's staff, the district all."""

from __future__ import annotations

from coaching.roster.v1 import person_pb2, person_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table, apart
from services.roster.person import cases, provisional
from services.roster.person.cases import Ports
from services.roster.person.domain import Person
from services.roster.person.resources import (
    MeResource,
    PersonPage,
    StaffPage,
    me_resource,
    person_resource,
    staff_resource,
)

HERSELF = Policy(party=True, district_admin=True, partners=True, about="person")
DISTRICT = Policy(district_admin=True, partners=True, about="person")
STAFF = Policy(staff=True)
ADDERS = Policy(coaching=True, district_admin=True, about="person")
COACHES = Policy(coaching=True, district_admin=True, partners=True, about="person")


async def get_me(ports: Ports, call: Call) -> MeResource:
    """Who the caller is: her name, roles and schools, and what her roles of today grant."""
    return me_resource(await cases.herself_today(ports, call))


PERSON: Noun[Ports, Person] = Noun(
    "/people/{person_id:path}",
    lambda ports: ports.people,
    person_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    person_pb2.DESCRIPTOR.services_by_name["PeopleService"],
    person_pb2_grpc.add_PeopleServiceServicer_to_server,
    apart(get_me, "GET", "/me", STAFF),
    PERSON.get(HERSELF, cases.get_person),
    PERSON.find(cases.list_people, DISTRICT, PersonPage),
    PERSON.change(
        provisional.add_provisional_person,
        ADDERS,
        "provisional",
        verb="PUT",
        when=provisional.may_correct,
    ),
    PERSON.change(
        provisional.withdraw_provisional_person,
        ADDERS,
        "withdraw",
        when=provisional.may_withdraw,
    ),
    PERSON.find(
        cases.list_staff, COACHES, StaffPage, staff_resource, path="/orgs/{org_id:path}/staff"
    ),
)
