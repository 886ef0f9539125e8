"""What the roster service publishes, example by example."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from coaching.roster.v1 import (
    cover_events_pb2,
    events_pb2,
    experience_events_pb2,
    grant_events_pb2,
    match_events_pb2,
)
from services.roster.academic_session.codec import SESSIONS
from services.roster.academic_session.domain import AcademicSession
from services.roster.calendar.codec import CALENDARS
from services.roster.calendar.domain import (
    CalendarStatement,
    DaysOff,
    DayType,
    SchoolCalendar,
    SpecialDays,
    Term,
)
from services.roster.class_.codec import CLASSES
from services.roster.class_.domain import Class
from services.roster.org.codec import ORGS
from services.roster.org.domain import Org
from services.roster.person.codec import PEOPLE
from services.roster.person.domain import UNCONFIRMED, Person, Role, held
from services.roster.record import RosterRecord, record_id
from tests.support.clocks import START
from tests.support.golden import assert_complete, assert_golden

CANARY = "canary-free-text"
ROLES = (
    Role("ext:coach", "school-2", "secondary", "2026-08-01", "2027-07-01"),
    Role("teacher", "school-1", "primary"),
)


def org() -> Org:
    return Org(
        id=record_id("north", "org", "school-1"),
        district="north",
        sourced_id="school-1",
        name="First School",
        type="school",
        parent="district",
    )


def session() -> AcademicSession:
    return AcademicSession(
        id=record_id("north", "session", "term-1"),
        district="north",
        sourced_id="term-1",
        title="Autumn",
        type="term",
        start="2026-08-01",
        end="2027-01-01",
        school_year=2027,
        parent="year",
    )


def person() -> Person:
    return Person(
        id=record_id("north", "person", "teacher-1"),
        district="north",
        sourced_id="teacher-1",
        given_name="Annie",
        family_name="Able",
        roles=ROLES,
        school_years=(2026, 2027),
        held=held(ROLES, "2026-10-05"),
    )


def hired_today() -> Person:
    return Person.add(
        id=record_id("north", "person", "new-1"),
        district="north",
        sourced_id="new-1",
        names=("Nora", "Newman"),
        school="school-1",
        school_years=(2027, 2028),
        by="coach-1",
        at=START,
        today="2026-10-05",
    )


def confirmed() -> Person:
    """By a file that calls her otherwise."""
    known: Person = stored(hired_today())
    known.take_event()
    known.upsert(person())
    return known


def a_class(*teachers: str) -> Class:
    return Class(
        id=record_id("north", "class", "class-1"),
        district="north",
        sourced_id="class-1",
        title="Math 4a",
        school="school-1",
        teachers=teachers,
        student_count=24,
        sessions=("term-1", "term-2"),
        school_year=2027,
        grades=("03", "04"),
        subjects=("Mathematics",),
        leads=teachers[:1],
        code="4A-M",
        periods=("1", "Mon-3"),
        location="Room 12",
    )


def stored(record: Any) -> Any:
    record.version = 1
    return record


def class_that_teacher_1_left() -> Class:
    known: Class = stored(a_class("teacher-1", "teacher-2"))
    known.upsert(a_class("teacher-2", "teacher-3"))
    return known


def upserted(record: Any) -> Any:
    record.upsert(record)
    return record


def removed(record: Any) -> Any:
    stored(record).remove()
    return record


def merged() -> Person:
    known: Person = stored(person())
    known.merge_into("teacher-2")
    return known


CODECS: dict[type[RosterRecord], Any] = {
    Org: ORGS,
    AcademicSession: SESSIONS,
    Person: PEOPLE,
    Class: CLASSES,
}
EVENTS: list[tuple[str, RosterRecord]] = [
    ("OrgUpserted", upserted(org())),
    ("OrgRemoved", removed(org())),
    ("AcademicSessionUpserted", upserted(session())),
    ("AcademicSessionRemoved", removed(session())),
    ("PersonUpserted", hired_today()),
    ("PersonRemoved", merged()),
    ("ClassUpserted", class_that_teacher_1_left()),
    ("ClassRemoved", removed(a_class())),
]


@pytest.mark.parametrize(("name", "record"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, record: RosterRecord) -> None:
    event = record.take_event()
    record.record(event)
    encoded = CODECS[type(record)].encode(record, event)
    assert encoded.type == f"coaching.roster.v1.{name}"
    assert_golden("roster", encoded)


def test_who_was_added_is_published_with_the_day_on_which_she_leaves() -> None:
    added = hired_today()
    encoded = PEOPLE.encode(added, added.take_event())
    message = events_pb2.PersonUpserted.FromString(encoded.data)
    assert message.person.provisional_until.ToDatetime(UTC) == START + UNCONFIRMED
    assert encoded.keys == ("north:new-1",)
    assert PEOPLE.from_state(added.id, "north", 0, PEOPLE.to_state(added)) == added
    known = confirmed()
    message = events_pb2.PersonUpserted.FromString(PEOPLE.encode(known, known.take_event()).data)
    assert not message.person.HasField("provisional_until")


def calendar() -> SchoolCalendar:
    holidays = [DaysOff("2026-11-26", "2026-11-27", CANARY), DaysOff("2026-11-11", "2026-11-11")]
    made = SchoolCalendar(
        id="north/calendar/2027/school-1", district="north", school_year=2027, school="school-1"
    )
    tests = [SpecialDays("2027-04-12", "2027-04-16", DayType.TESTING, CANARY)]
    terms = [Term("2026-08-17", "2026-12-18", CANARY)]
    made.state(CalendarStatement(tuple(holidays), tuple(tests), tuple(terms)))
    return made


def test_a_calendar_is_published_without_what_its_days_are_called() -> None:
    stated = calendar()
    encoded = CALENDARS.encode(stated, stated.take_event())
    assert encoded.type == "coaching.roster.v1.SchoolCalendarStated"
    assert_golden("roster", encoded)
    assert CANARY.encode() not in encoded.data
    again = CALENDARS.from_state(stated.id, "north", 1, CALENDARS.to_state(stated))
    assert again == replace(stated, version=1)


def test_every_event_has_an_example() -> None:
    beside = (grant_events_pb2, cover_events_pb2, experience_events_pb2, match_events_pb2)
    assert_complete("roster", events_pb2, *beside)


@pytest.mark.parametrize(("name", "record"), EVENTS, ids=[name for name, _ in EVENTS])
def test_what_is_stored_is_read_back_the_same(name: str, record: RosterRecord) -> None:
    codec = CODECS[type(record)]
    again = codec.from_state(record.id, "north", record.version, codec.to_state(record))
    assert again == record
    assert again.stated() == record.stated()


def test_whoever_has_another_record_says_which_is_kept() -> None:
    known: Person = stored(person())
    known.merge_into("teacher-2")
    encoded = PEOPLE.encode(known, known.take_event())
    message = events_pb2.PersonRemoved.FromString(encoded.data)
    assert (message.person.merged_into_id, message.person.status) == ("teacher-2", 2)
    known.merge_into("teacher-2")
    assert known.take_event() is None


def test_a_class_goes_to_its_teachers_and_to_the_one_who_has_left() -> None:
    known = class_that_teacher_1_left()
    assert CLASSES.encode(known, known.take_event()).keys == (
        "north:teacher-2",
        "north:teacher-3",
        "north:teacher-1",
    )


def test_a_class_without_teachers_goes_under_its_own_key() -> None:
    new = upserted(a_class())
    assert CLASSES.encode(new, new.take_event()).keys == ("north:class-1",)


def test_the_same_statement_and_a_second_removal_are_no_events() -> None:
    known = stored(person())
    known.upsert(person())
    assert known.take_event() is None
    gone = removed(person())
    gone.take_event()
    gone.remove()
    assert gone.take_event() is None


@pytest.mark.parametrize("record", [each for _, each in EVENTS], ids=[name for name, _ in EVENTS])
def test_what_takes_over_another_shares_nothing_of_what_that_has_recorded(
    record: RosterRecord,
) -> None:
    known, new = (deepcopy(record) for _ in range(2))
    known.version = 0
    known.take_event()
    known.upsert(new)
    new.leave(1, "a part")
    assert known.take_left() == []
