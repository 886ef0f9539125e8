"""What the programs service publishes of enrollments, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.enrollment.codec import ENROLLMENTS
from services.programs.enrollment.domain import Enrollment, WithdrawalReason
from tests.support.clocks import START
from tests.support.golden import assert_golden

LEAD, TEACHER = "lead-1", "teacher-1"
LATER = START + timedelta(days=1)


def begun() -> Enrollment:
    return Enrollment.begin(
        id="5f0c9a4e-0000-4000-8000-000000000041",
        district="north",
        program="5f0c9a4e-0000-4000-8000-000000000031",
        teacher=TEACHER,
        year=2027,
        by=LEAD,
        at=START,
    )


def after(step: str) -> Enrollment:
    enrollment = begun()
    enrollment.take_event()
    match step:
        case "withdraw":
            enrollment.withdraw(LEAD, LATER, WithdrawalReason.WORKLOAD)
        case "again":
            enrollment.withdraw(LEAD, LATER, WithdrawalReason.WORKLOAD)
            enrollment.take_event()
            enrollment.enroll_again(LEAD, LATER + timedelta(days=7))
        case "end":
            enrollment.end(LATER)
        case "give way":
            enrollment.give_way(LATER)
        case _:
            enrollment.erase()
    return enrollment


EVENTS = [
    ("EnrollmentBegun", after("again")),
    ("EnrollmentWithdrawn", after("withdraw")),
    ("EnrollmentEnded", after("end")),
    ("EnrollmentTransferred", after("give way")),
    ("EnrollmentErased", after("erase")),
]


@pytest.mark.parametrize(("name", "enrollment"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, enrollment: Enrollment) -> None:
    event = enrollment.take_event()
    enrollment.record(event)
    encoded = ENROLLMENTS.encode(enrollment, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert encoded.keys == (f"north:{TEACHER}",)
    assert b"workload" not in encoded.data.lower()
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, enrollment in EVENTS:
        state = ENROLLMENTS.to_state(enrollment)
        assert ENROLLMENTS.from_state(enrollment.id, "north", 0, state) == enrollment
