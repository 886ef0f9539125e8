"""Enrollments: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import enrollment_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.enrollment.domain import Enrollment, EnrollmentEvent, EnrollmentState

ENROLLMENT_EVENTS = messages_of(published.DESCRIPTOR, "Enrollment", EnrollmentEvent, Last)
_STATES = numbers_of(EnrollmentState, published.EnrollmentState.DESCRIPTOR)


def enrollment_snapshot(enrollment: Enrollment) -> published.EnrollmentSnapshot:
    """What is published of it: not who withdrew her, nor why."""
    return published.EnrollmentSnapshot(
        enrollment_id=enrollment.id,
        program_id=enrollment.program,
        teacher_id=enrollment.teacher,
        school_year=enrollment.school_year,
        state=_STATES[enrollment.state],
        enrolled_by=enrollment.enrolled_by,
        enrolled_at=stamp(enrollment.enrolled_at),
        over_at=stamp(enrollment.over_at),
        transferred_from_id=enrollment.transferred_from,
        earlier_stays=[
            published.EnrollmentStay(
                enrolled_at=stamp(each.enrolled_at), over_at=stamp(each.over_at)
            )
            for each in enrollment.earlier_stays
        ],
    )


def encode_enrollment(enrollment: Enrollment, event: EnrollmentEvent | Last) -> EncodedEvent:
    told = (
        published.EnrollmentSnapshot(enrollment_id=enrollment.id)
        if event is Last.ERASED
        else enrollment_snapshot(enrollment)
    )
    keys = keys_about(enrollment.district, enrollment.teacher)
    return encoded(ENROLLMENT_EVENTS[event](enrollment=told), keys, enrollment.school_year)


def _from_the_first(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says when she was enrolled first; until then only the last time was kept."""
    return {**state, "first_enrolled_at": state["enrolled_at"]}


def _as_of(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says as of which version she is enrolled, which was not kept before."""
    return {**state, "agreed": 0}


def _stayed(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 says when she was in it before: of an earlier build's only since when is known."""
    first, last = state["first_enrolled_at"], state["enrolled_at"]
    stays = [{"enrolled_at": first, "over_at": last}] if first < last else []
    return {**state, "earlier_stays": stays}


def _her_own(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says when she was in it before it took over another record's: of an earlier build's
    nobody knows which times were hers."""
    return {**state, "own_stays": []}


ENROLLMENTS = AggregateCodec(
    "enrollment", Enrollment, encode_enrollment, [_from_the_first, _as_of, _stayed, _her_own]
)
