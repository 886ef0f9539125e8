"""What events say of who is in which coaching program."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import enrollment_events_pb2 as enrollments
from services.chassis.views.projection import Event
from services.chassis.words import events_with
from services.insights.facts.reading import about_teacher

TYPES = events_with(enrollments.EnrollmentSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> enrollments.EnrollmentSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: enrollments.EnrollmentSnapshot = message.enrollment
    about_teacher(event, said)
    return said


def enrolled(said: enrollments.EnrollmentSnapshot) -> bool:
    return said.state == enrollments.ENROLLMENT_STATE_ENROLLED
