"""Answers about academic sessions, over REST and gRPC."""

from __future__ import annotations

from services.chassis.fields import PageResource, Resource
from services.roster.academic_session.domain import AcademicSession
from services.roster.record import Status


class AcademicSessionResource(Resource):
    """From `start_date` (inclusive) to `end_date` (exclusive)."""

    session_id: str
    title: str
    type: str
    start_date: str
    end_date: str
    school_year: int
    parent_session_id: str | None
    status: Status
    version: int


class AcademicSessionPage(PageResource):
    sessions: list[AcademicSessionResource]


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
