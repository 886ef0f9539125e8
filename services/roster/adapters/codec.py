"""Roster records: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.roster.v1 import events_pb2 as published
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.class_ import Class
from services.roster.domain.org import Org
from services.roster.domain.person import Person
from services.roster.domain.record import Change, Record, RosterEvent, Status
from services.roster.domain.school_calendar import CalendarStated, SchoolCalendar

ORG_EVENTS = {
    Change.UPSERTED: published.OrgUpserted,
    Change.REMOVED: published.OrgRemoved,
}
PERSON_EVENTS = {
    Change.UPSERTED: published.PersonUpserted,
    Change.REMOVED: published.PersonRemoved,
}
CLASS_EVENTS = {
    Change.UPSERTED: published.ClassUpserted,
    Change.REMOVED: published.ClassRemoved,
}
SESSION_EVENTS = {
    Change.UPSERTED: published.AcademicSessionUpserted,
    Change.REMOVED: published.AcademicSessionRemoved,
}
_STATUSES = {
    Status.ACTIVE: published.RECORD_STATUS_ACTIVE,
    Status.REMOVED: published.RECORD_STATUS_REMOVED,
}


def org_message(org: Org) -> published.Org:
    return published.Org(
        org_id=org.sourced_id,
        name=org.name,
        type=org.type,
        parent_org_id=org.parent,
        status=_STATUSES[org.status],
    )


def person_message(person: Person) -> published.Person:
    return published.Person(
        person_id=person.sourced_id,
        given_name=person.given_name,
        family_name=person.family_name,
        roles=[
            published.RoleAssignment(
                role=each.role,
                role_type=each.role_type,
                org_id=each.org,
                begin_date=each.begins,
                end_date=each.ends,
            )
            for each in person.roles
        ],
        school_years=person.school_years,
        status=_STATUSES[person.status],
    )


def class_message(each: Class) -> published.Class:
    return published.Class(
        class_id=each.sourced_id,
        title=each.title,
        school_org_id=each.school,
        teacher_ids=each.teachers,
        student_count=each.student_count,
        session_ids=each.sessions,
        grades=each.grades,
        subjects=each.subjects,
        status=_STATUSES[each.status],
    )


def session_message(session: AcademicSession) -> published.AcademicSession:
    return published.AcademicSession(
        session_id=session.sourced_id,
        title=session.title,
        type=session.type,
        start_date=session.start,
        end_date=session.end,
        school_year=session.school_year,
        parent_session_id=session.parent,
        status=_STATUSES[session.status],
    )


def calendar_message(calendar: SchoolCalendar) -> published.SchoolCalendar:
    """Without the titles: they are for people, not for a program."""
    return published.SchoolCalendar(
        school_year=calendar.school_year,
        days_without_school=[
            published.DateSpan(first_date=each.first, last_date=each.last) for each in calendar.days
        ],
    )


def encode_org(org: Org, event: RosterEvent) -> EncodedEvent:
    return encoded(ORG_EVENTS[event.change](org=org_message(org)), (_own_key(org),))


def encode_person(person: Person, event: RosterEvent) -> EncodedEvent:
    message = PERSON_EVENTS[event.change](person=person_message(person))
    return encoded(message, (_own_key(person),))


def encode_class(each: Class, event: RosterEvent) -> EncodedEvent:
    """Published to every teacher, and to those who have just left."""
    # `class` is a Python keyword: the field can only be given by name like this.
    message = CLASS_EVENTS[event.change](**{"class": class_message(each)})
    keys = tuple(f"{each.district}:{teacher}" for teacher in (*each.teachers, *event.left))
    return encoded(message, keys or (_own_key(each),), each.school_year)


def encode_session(session: AcademicSession, event: RosterEvent) -> EncodedEvent:
    message = SESSION_EVENTS[event.change](session=session_message(session))
    return encoded(message, (_own_key(session),), session.school_year)


def encode_calendar(calendar: SchoolCalendar, event: CalendarStated) -> EncodedEvent:
    message = published.SchoolCalendarStated(calendar=calendar_message(calendar))
    key = f"{calendar.district}:calendar-{calendar.school_year}"
    return encoded(message, (key,), calendar.school_year)


def _own_key(record: Record) -> str:
    return f"{record.district}:{record.sourced_id}"


ORGS = AggregateCodec("org", Org, encode_org)
SESSIONS = AggregateCodec("session", AcademicSession, encode_session)
PEOPLE = AggregateCodec("person", Person, encode_person)
CALENDARS = AggregateCodec("calendar", SchoolCalendar, encode_calendar)
CLASSES = AggregateCodec("class", Class, encode_class)
