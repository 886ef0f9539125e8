"""What callers may do with calendars: the district states them, everybody sees them."""

from __future__ import annotations

from coaching.roster.v1 import calendar_pb2, calendar_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.roster.calendar import cases
from services.roster.calendar.cases import Ports
from services.roster.calendar.domain import SchoolCalendar
from services.roster.calendar.resources import calendar_resource

DISTRICT = Policy(district_admin=True, partners=True)
EVERYBODY = Policy(staff=True, partners=True)

CALENDAR: Noun[Ports, SchoolCalendar] = Noun(
    "/calendars/{school_year}", lambda ports: ports.calendars, calendar_resource
)
OF_SCHOOL: Noun[Ports, SchoolCalendar] = Noun(
    "/calendars/{school_year}/schools/{org_id:path}",
    lambda ports: ports.calendars,
    calendar_resource,
    of=CALENDAR,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    calendar_pb2.DESCRIPTOR.services_by_name["CalendarsService"],
    calendar_pb2_grpc.add_CalendarsServiceServicer_to_server,
    CALENDAR.change(cases.state_calendar, DISTRICT, "", verb="PUT", when=cases.of_district),
    CALENDAR.get(EVERYBODY, cases.get_calendar),
    OF_SCHOOL.change(cases.state_school_calendar, DISTRICT, "", verb="PUT", when=cases.of_school),
    OF_SCHOOL.get(EVERYBODY, cases.get_school_calendar),
)
