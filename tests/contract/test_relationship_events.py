"""What the programs service publishes of relationships, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coaching.programs.v1 import (
    agreement_events_pb2,
    circle_events_pb2,
    coaching_offer_events_pb2,
    coaching_request_events_pb2,
    coaching_round_events_pb2,
    coaching_session_events_pb2,
    community_meeting_events_pb2,
    enrollment_events_pb2,
    flag_answer_events_pb2,
    pair_interest_events_pb2,
    planning_entry_events_pb2,
    program_events_pb2,
    relationship_events_pb2,
    takeaway_events_pb2,
    training_events_pb2,
)
from services.programs.relationship.codec import RECEIPTS, RELATIONSHIPS, REPORTS
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import (
    Acknowledgment,
    CoachKind,
    Participation,
    Work,
)
from tests.support.clocks import START
from tests.support.golden import assert_complete, assert_golden, assert_receipt, assert_report

TEACHER, COACH = "teacher-1", "coach-1"
LATER = START + timedelta(days=7)


def relationship(*answers: str) -> Relationship:
    new = Relationship.propose(
        id="5f0c9a4e-0000-4000-8000-000000000002",
        district="north",
        coach=COACH,
        teacher=TEACHER,
        year=2027,
        by=COACH,
        at=START,
    )
    for answer in answers:
        new.take_event()
        new.end(TEACHER, LATER) if answer == "end" else getattr(new, answer)(TEACHER, LATER)
    return new


def accepted() -> Relationship:
    """In the knowledge that her coach leads."""
    new, leads = relationship(), (Acknowledgment.COACH_LEADS,)
    new.take_event()
    new.coach_kind, new.participation = CoachKind.ADMINISTRATOR, Participation.ASSIGNED
    new.accept(TEACHER, LATER, needed=leads, acknowledged=leads)
    return new


def carried_over() -> Relationship:
    last = relationship("accept")
    new = "5f0c9a4e-0000-4000-8000-000000000003"
    return last.carry_over(id=new, by="admin-1", at=LATER + timedelta(days=250), ask_again=False)


def given_way() -> Relationship:
    old = relationship("accept")
    old.take_event()
    old.give_way(LATER)
    return old


def handed_over(answer: str = "", from_date: str = "") -> Relationship:
    old = relationship("accept")
    old.take_event()
    old.hand_over(COACH, LATER, "coach-2", from_date)
    if answer:
        old.take_event()
    if answer == "accept":
        old.accept_handover(TEACHER, LATER, [Work.GOALS])
    elif answer:
        old.decline_handover(TEACHER, LATER)
    return old


def erased() -> Relationship:
    found = accepted()
    found.take_event()
    found.erase()
    return found


EVENTS = [
    ("RelationshipTransferred", given_way()),
    ("RelationshipProposed", relationship()),
    ("RelationshipCarriedOver", carried_over()),
    ("RelationshipAccepted", accepted()),
    ("RelationshipEnded", handed_over("accept")),
    ("RelationshipHandoverProposed", handed_over()),
    ("RelationshipHandoverAccepted", handed_over("accept", "2026-11-02")),
    ("RelationshipHandoverDropped", handed_over("decline")),
    ("RelationshipPaused", relationship("accept", "pause")),
    ("RelationshipResumed", relationship("accept", "pause", "resume")),
    ("RelationshipErased", erased()),
]


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, aggregate: Relationship) -> None:
    event = aggregate.take_event()
    aggregate.record(event)
    encoded = RELATIONSHIPS.encode(aggregate, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert_golden("programs", encoded)


def test_that_one_was_declined_is_published_as_that_it_was_taken_back() -> None:
    told = []
    for over in (relationship("decline"), relationship("end")):
        event = over.take_event()
        told.append(RELATIONSHIPS.encode(over, event))
    assert told[0] == told[1]
    assert told[0].type == "coaching.programs.v1.RelationshipEnded"


def test_a_receipt_is_published_as_its_example_says() -> None:
    assert_receipt("programs", RECEIPTS)
    assert_report("programs", REPORTS)


def test_every_event_has_an_example() -> None:
    events = (
        agreement_events_pb2,
        circle_events_pb2,
        coaching_offer_events_pb2,
        coaching_request_events_pb2,
        coaching_round_events_pb2,
        community_meeting_events_pb2,
        coaching_session_events_pb2,
        enrollment_events_pb2,
        flag_answer_events_pb2,
        pair_interest_events_pb2,
        planning_entry_events_pb2,
        program_events_pb2,
        takeaway_events_pb2,
        training_events_pb2,
    )
    assert_complete("programs", *events, relationship_events_pb2)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, aggregate in EVENTS:
        state = RELATIONSHIPS.to_state(aggregate)
        assert RELATIONSHIPS.from_state(aggregate.id, "north", 0, state) == aggregate
