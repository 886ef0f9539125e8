"""Answers about requests for coaching, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.programs.request.cases import Ports, queue_of
from services.programs.request.domain import CoachingRequest, DayPart, RequestState, Weekday


class CoachingRequestSummaryResource(Resource):
    """A request in a list: without its place in the queue."""

    coaching_request_id: str
    coaching_round_id: str
    program_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: RequestState
    option_ids: list[str]
    weekdays: list[Weekday]
    day_parts: list[DayPart]
    note: Written
    grades: list[str]
    subjects: list[str]
    languages: list[str]
    asked_at: datetime
    coach_id: str
    coach_name: str | None = name_of("coach_id")
    over_at: datetime | None
    version: int


class CoachingRequestResource(CoachingRequestSummaryResource, Acted):
    """A teacher who asks for coaching. `place`: hers among those who wait."""

    place: int | None
    waiting_count: int | None


class CoachingRequestPage(PageResource):
    coaching_requests: list[CoachingRequestSummaryResource]


async def coaching_request_resource(
    ports: Ports, request: CoachingRequest
) -> CoachingRequestResource:
    """One request, for the teacher and, while it waits or has a place, who leads the program."""
    queue = await queue_of(ports, request)
    return CoachingRequestResource(**_told(request), place=queue.place, waiting_count=queue.waiting)


def coaching_request_summary(request: CoachingRequest) -> CoachingRequestSummaryResource:
    return CoachingRequestSummaryResource(**_told(request))


def _told(request: CoachingRequest) -> dict[str, Any]:
    return {
        "coaching_request_id": request.id,
        "coaching_round_id": request.round,
        "program_id": request.program,
        "teacher_id": request.teacher,
        "school_year": request.school_year,
        "state": request.state,
        "option_ids": list(request.wishes.options),
        "weekdays": list(request.wishes.weekdays),
        "day_parts": list(request.wishes.day_parts),
        "note": request.wishes.note,
        "grades": list(request.wishes.teaching.grades),
        "subjects": list(request.wishes.teaching.subjects),
        "languages": list(request.wishes.teaching.languages),
        "asked_at": request.asked_at,
        "coach_id": request.coach,
        "over_at": request.over_at,
        "version": request.version,
    }
