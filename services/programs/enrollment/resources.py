"""Answers about enrollments, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.programs.enrollment.cases import Size
from services.programs.enrollment.domain import Enrollment, EnrollmentState, WithdrawalReason
from services.programs.program.domain import SizeBand


class EnrollmentSummaryResource(Resource):
    """An enrollment in a list."""

    enrollment_id: str
    program_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: EnrollmentState
    enrolled_by: str
    enrolled_by_name: str | None = name_of("enrolled_by")
    enrolled_at: datetime
    withdrawn_by: str
    withdrawn_by_name: str | None = name_of("withdrawn_by")
    reason: WithdrawalReason | None
    over_at: datetime | None
    version: int


class EnrollmentResource(EnrollmentSummaryResource, Acted):
    """A teacher in a coaching program. `withdrawn_by` and `reason` are seen by whoever sees the
    enrollment, and published nowhere."""


class EnrollmentPage(PageResource):
    enrollments: list[EnrollmentSummaryResource]


class ProgramSizeResource(Resource):
    """How large a program is. `enrolled_count` is null for whoever neither leads it nor administers
    the district, where it is less than `small_n`."""

    program_id: str
    enrolled_count: int | None
    size_band: SizeBand
    small_n: int


def enrollment_resource(enrollment: Enrollment) -> EnrollmentResource:
    """One enrollment, for the teacher, who leads the program and the district."""
    return EnrollmentResource(**_told(enrollment))


def enrollment_summary(enrollment: Enrollment) -> EnrollmentSummaryResource:
    return EnrollmentSummaryResource(**_told(enrollment))


def _told(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "enrollment_id": enrollment.id,
        "program_id": enrollment.program,
        "teacher_id": enrollment.teacher,
        "school_year": enrollment.school_year,
        "state": enrollment.state,
        "enrolled_by": enrollment.enrolled_by,
        "enrolled_at": enrollment.enrolled_at,
        "withdrawn_by": enrollment.withdrawn_by,
        "reason": enrollment.reason,
        "over_at": enrollment.over_at,
        "version": enrollment.version,
    }


def program_size(size: Size) -> ProgramSizeResource:
    return ProgramSizeResource(
        program_id=size.program.id,
        enrolled_count=size.count,
        size_band=size.program.size_band,
        small_n=size.small_n,
    )
