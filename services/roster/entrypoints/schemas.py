"""Answers of the roster service over REST. Ids are OneRoster sourcedIds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.fields import Body, Day, PageResource, Resource
from services.roster.application.import_roster import Report
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.class_ import Class
from services.roster.domain.org import Org
from services.roster.domain.person import Person
from services.roster.domain.school_calendar import MOST_SPANS, DaysOff, SchoolCalendar


class OrgResource(Resource):
    org_id: str
    name: str
    type: str
    parent_org_id: str | None
    status: str
    version: int


class RoleResource(Resource):
    role: str
    role_type: str
    org_id: str
    begin_date: str | None
    end_date: str | None


class PersonResource(Resource):
    person_id: str
    given_name: str
    family_name: str
    roles: list[RoleResource]
    school_years: list[int]
    status: str
    version: int


class ClassResource(Resource):
    class_id: str
    title: str
    school_org_id: str
    teacher_ids: list[str]
    student_count: int
    session_ids: list[str]
    grades: list[str]
    subjects: list[str]
    status: str
    version: int


class AcademicSessionResource(Resource):
    """From `start_date` (inclusive) to `end_date` (exclusive)."""

    session_id: str
    title: str
    type: str
    start_date: str
    end_date: str
    school_year: int
    parent_session_id: str | None
    status: str
    version: int


class DaysWithoutSchool(Body):
    """From the first to the last day, both inclusive."""

    first_date: Day = Field(examples=["2026-11-26"])
    last_date: Day = Field(examples=["2026-11-27"])
    title: Annotated[str, StringConstraints(max_length=200)] = Field("", examples=["Thanksgiving"])


class StateCalendar(Body):
    days_without_school: list[DaysWithoutSchool] = Field(max_length=MOST_SPANS)

    def days(self) -> list[DaysOff]:
        return [
            DaysOff(each.first_date, each.last_date, each.title)
            for each in self.days_without_school
        ]


class CalendarResource(Resource):
    """`days_without_school` ascend."""

    school_year: int
    days_without_school: list[DaysWithoutSchool]
    version: int


class PersonPage(PageResource):
    people: list[PersonResource]


class ClassPage(PageResource):
    classes: list[ClassResource]


class OrgPage(PageResource):
    orgs: list[OrgResource]


class AcademicSessionPage(PageResource):
    sessions: list[AcademicSessionResource]


class CountsResource(Resource):
    created: int
    changed: int
    unchanged: int
    removed: int


class RowProblemResource(Resource):
    file: str = Field(examples=["users.csv"])
    line: int = Field(description="1 is the header, 0 the file as a whole", examples=[7])
    column: str
    code: str = Field(examples=["unknown_org"])
    reason: str


class RowNoteResource(Resource):
    file: str = Field(examples=["users.csv"])
    column: str
    code: str = Field(examples=["letter_case"])
    reason: str
    rows: int = Field(description="In how many rows of the file")


class ImportReport(Resource):
    """What an import did or, with `validate_only`, what it would have done."""

    validate_only: bool
    counts: dict[str, CountsResource] = Field(
        description="Records by noun: orgs, academic_sessions, people, classes"
    )
    problems: list[RowProblemResource] = Field(description="The first 1000")
    problem_count: int
    notes: list[RowNoteResource] = Field(
        description="What was read although it is not written as OneRoster says: no problems"
    )


def org_resource(org: Org) -> OrgResource:
    return OrgResource(
        org_id=org.sourced_id,
        name=org.name,
        type=org.type,
        parent_org_id=org.parent or None,
        status=org.status,
        version=org.version,
    )


def person_resource(person: Person) -> PersonResource:
    return PersonResource(
        person_id=person.sourced_id,
        given_name=person.given_name,
        family_name=person.family_name,
        roles=[
            RoleResource(
                role=each.role,
                role_type=each.role_type,
                org_id=each.org,
                begin_date=each.begins or None,
                end_date=each.ends or None,
            )
            for each in person.roles
        ],
        school_years=list(person.school_years),
        status=person.status,
        version=person.version,
    )


def class_resource(each: Class) -> ClassResource:
    return ClassResource(
        class_id=each.sourced_id,
        title=each.title,
        school_org_id=each.school,
        teacher_ids=list(each.teachers),
        student_count=each.student_count,
        session_ids=list(each.sessions),
        grades=list(each.grades),
        subjects=list(each.subjects),
        status=each.status,
        version=each.version,
    )


def session_resource(session: AcademicSession) -> AcademicSessionResource:
    return AcademicSessionResource(
        session_id=session.sourced_id,
        title=session.title,
        type=session.type,
        start_date=session.start,
        end_date=session.end,
        school_year=session.school_year,
        parent_session_id=session.parent or None,
        status=session.status,
        version=session.version,
    )


def calendar_resource(calendar: SchoolCalendar) -> CalendarResource:
    return CalendarResource(
        school_year=calendar.school_year,
        days_without_school=[
            DaysWithoutSchool(first_date=each.first, last_date=each.last, title=each.title)
            for each in calendar.days
        ],
        version=calendar.version,
    )


def import_report(report: Report, validate_only: bool) -> ImportReport:
    return ImportReport(
        validate_only=validate_only,
        counts={
            noun: CountsResource(
                created=each.created,
                changed=each.changed,
                unchanged=each.unchanged,
                removed=each.removed,
            )
            for noun, each in report.counts.items()
        },
        problems=[
            RowProblemResource(
                file=each.file,
                line=each.line,
                column=each.column,
                code=each.code,
                reason=each.reason,
            )
            for each in report.problems.listed
        ],
        problem_count=report.problems.count,
        notes=[
            RowNoteResource(
                file=each.file,
                column=each.column,
                code=each.code,
                reason=each.reason,
                rows=each.rows,
            )
            for each in report.problems.notes
        ],
    )
