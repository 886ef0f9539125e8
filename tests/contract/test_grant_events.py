"""What is published of grants, example by example."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.roster.courses import GrantCourse
from services.roster.grant.codec import GRANTS
from services.roster.grant.domain import Grant, GrantRole, GrantTerms
from tests.support.clocks import START
from tests.support.golden import assert_golden

CANARY = "canary-free-text"
LATER = START + timedelta(days=30)
TERMS = GrantTerms(
    orgs=("school-1", "school-2"),
    people=("teacher-7",),
    begins="2026-10-05",
    ends="2027-06-30",
    over_at=START + timedelta(days=269),
    reason=f"{CANARY} reason",
)


def grant() -> Grant:
    return Grant.give(
        id="5f0c9a4e-0000-4000-8000-000000000031",
        district="north",
        person="teacher-1",
        role=GrantRole.COACH,
        terms=TERMS,
        by="admin-1",
        at=START,
    )


def changed() -> Grant:
    known = grant()
    known.take_event()
    fewer = GrantTerms(("school-1",), (), TERMS.begins, "", None, f"{CANARY} again")
    known.change(fewer, "admin-2", LATER)
    return known


def ended() -> Grant:
    known = grant()
    known.take_event()
    known.end(f"{CANARY} over", "admin-2", LATER)
    return known


def transferred() -> Grant:
    known = grant()
    known.take_event()
    known.transfer("teacher-1", ("teacher-8",))
    known.take_event()
    known.transfer("teacher-2", ("teacher-8",))
    return known


def gone_on(days: int) -> Grant:
    """So many days after its first one."""
    known = grant()
    known.course = GrantCourse.COUNTING if days else GrantCourse.AHEAD
    known.take_event()
    known.go_on(date.fromisoformat(TERMS.begins) + timedelta(days=days))
    return known


EVENTS = [
    ("GrantBegun", gone_on(0)),
    ("GrantEnding", gone_on(254)),
    ("GrantLapsed", gone_on(269)),
    ("GrantTransferred", transferred()),
    ("GrantGiven", grant()),
    ("GrantChanged", changed()),
    ("GrantEnded", ended()),
]


@pytest.mark.parametrize(("name", "known"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, known: Grant) -> None:
    event = known.take_event()
    known.record(event)
    encoded = GRANTS.encode(known, event)
    assert encoded.type == f"coaching.roster.v1.{name}"
    assert encoded.keys == (
        ("north:teacher-2", "north:teacher-1")
        if name == "GrantTransferred"
        else ("north:teacher-1",)
    )  # of the one who has it, and who had it, whomever it reaches
    assert CANARY.encode() not in encoded.data
    assert_golden("roster", encoded)
    again = GRANTS.from_state(known.id, "north", known.version, GRANTS.to_state(known))
    assert again == known
