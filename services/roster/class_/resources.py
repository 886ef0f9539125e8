"""Answers about classes, over REST and gRPC."""

from __future__ import annotations

from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.roster.class_.domain import Class
from services.roster.record import Status


class ClassResource(Resource):
    class_id: str
    title: str
    school_org_id: str
    school_name: str | None = name_of("school_org_id", "org")
    teacher_ids: list[str]
    student_count: int
    session_ids: list[str]
    grades: list[str]
    subjects: list[str]
    lead_teacher_ids: list[str]
    class_code: str
    periods: list[str]
    location: str
    status: Status
    version: int


class ClassPage(PageResource):
    classes: list[ClassResource]


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
        lead_teacher_ids=list(each.leads),
        class_code=each.code,
        periods=list(each.periods),
        location=each.location,
        status=each.status,
        version=each.version,
    )
