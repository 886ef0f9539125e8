"""What events say of who is in which coaching program."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coaching.programs.v1 import enrollment_events_pb2 as enrollments
from services.chassis.views.projection import Event
from services.chassis.words import events_with
from services.insights.facts.reading import about_teacher, instant

TYPES = events_with(enrollments.EnrollmentSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> enrollments.EnrollmentSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: enrollments.EnrollmentSnapshot = message.enrollment
    about_teacher(event, said)
    return said


def enrolled(said: enrollments.EnrollmentSnapshot) -> bool:
    return said.state == enrollments.ENROLLMENT_STATE_ENROLLED


def earlier_stays(said: enrollments.EnrollmentSnapshot) -> list[list[datetime]]:
    """From when till when she was in it before the last time, as it is stored. Raises InvalidEvent
    as `instant`."""
    found = [
        (instant(each, "enrolled_at"), instant(each, "over_at")) for each in said.earlier_stays
    ]
    return [[begins, ends] for begins, ends in found if begins and ends]
