"""Academic sessions and stated days, from which a district's calendars are made: one row for each
session, and one for what was stated of each school year, of the district and of each school."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from coaching.roster.v1 import events_pb2 as roster
from services.access.row_facts import day
from services.access.school_year import FIRST, LAST
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event, Fact, Fold

FIRST_DAY, LAST_DAY = "2000-01-01", "2101-12-31"
SCHOOL_YEARS = range(FIRST, LAST + 1)


def calendar_folds(collection: str) -> Mapping[str, Fold]:
    """By full name: what becomes of each event in the rows of a collection. The key of each is of
    this session or statement alone, and so its row has one writer."""

    def fold(group: str, value: Callable[[Event], Mapping[str, Any]]) -> Fold:
        def told(event: Event) -> Sequence[Fact]:
            said = event.envelope
            return [Fact(collection, said.key, group, said.aggregate_id, value(event))]

        return told

    session, stated = fold("session", _session), fold("closed", _stated)
    return {
        roster.SchoolCalendarStated.DESCRIPTOR.full_name: stated,
        roster.AcademicSessionUpserted.DESCRIPTOR.full_name: session,
        roster.AcademicSessionRemoved.DESCRIPTOR.full_name: session,
    }


def _session(event: Event) -> Mapping[str, Any]:
    message: Any = event.message
    said: roster.AcademicSession = message.session
    starts, ends = day(said.start_date, "start_date"), day(said.end_date, "end_date")
    if ends <= starts:
        raise InvalidEvent("a session that ends before it begins")
    active = said.status == roster.RECORD_STATUS_ACTIVE
    # one that is removed takes its row along, whatever its dates are
    if active and not (starts >= FIRST_DAY and ends <= LAST_DAY):
        raise InvalidEvent("a session of another century")
    if active and said.school_year not in SCHOOL_YEARS:
        raise InvalidEvent("no school year")
    return {
        "type": said.type,
        "starts": starts,
        "ends": ends,
        "school_year": said.school_year,
        "active": active,
    }


def _stated(event: Event) -> Mapping[str, Any]:
    message: Any = event.message
    said: roster.SchoolCalendar = message.calendar
    if said.school_year not in SCHOOL_YEARS:
        raise InvalidEvent("no school year")
    value: dict[str, Any] = {
        "school_year": said.school_year,
        "school": said.school_org_id,
        "spans": _spans(said.school_year, said.days_without_school),
        "terms": _spans(said.school_year, said.terms),
    }
    for name, types in (("closed", _CLOSED), ("opened", _OPENED)):
        special = [each for each in said.special_days if each.day_type in types]
        value[name] = _spans(said.school_year, special)
    return value


# Students are taught on none of these, and on all of those; of another type, which a newer build
# has stated, nothing is known.
_CLOSED = (roster.DAY_TYPE_TESTING, roster.DAY_TYPE_PROFESSIONAL_LEARNING)
_OPENED = (roster.DAY_TYPE_INSTRUCTIONAL, roster.DAY_TYPE_HALF_DAY)


def _spans(school_year: int, said: Iterable[Any]) -> list[list[str]]:
    begins, ends = f"{school_year - 1}-07-01", f"{school_year}-06-30"
    spans = [
        [day(each.first_date, "first_date"), day(each.last_date, "last_date")] for each in said
    ]
    if not all(begins <= first <= last <= ends for first, last in spans):
        raise InvalidEvent("days of another school year")
    return spans
