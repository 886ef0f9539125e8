"""A coaching relationship needs both sides to begin and either to end."""

from __future__ import annotations

import pytest

from services.chassis.kernel import Fault, Kind
from services.goals.domain.relationship import (
    Relationship,
    RelationshipEvent,
    RelationshipState,
)
from tests.support.clocks import START

COACH, TEACHER = "coach-1", "teacher-1"


def proposed(by: str = COACH) -> Relationship:
    relationship = Relationship.propose(
        id="r", district="north", coach=COACH, teacher=TEACHER, year=2027, by=by, at=START
    )
    assert relationship.take_event() is RelationshipEvent.PROPOSED
    return relationship


@pytest.mark.parametrize(
    ("by", "answers"), [(COACH, TEACHER), (TEACHER, COACH), ("admin", TEACHER)]
)
def test_the_side_that_did_not_propose_answers(by: str, answers: str) -> None:
    relationship = proposed(by)
    for other in {COACH, TEACHER, "admin"} - {answers}:
        with pytest.raises(Fault) as caught:
            relationship.accept(other, START)
        assert caught.value.code == "not_yours_to_answer"
    relationship.accept(answers, START)
    assert relationship.state is RelationshipState.ACTIVE


def test_a_declined_proposal_cannot_be_accepted() -> None:
    relationship = proposed()
    relationship.decline(TEACHER, START)
    relationship.take_event()
    with pytest.raises(Fault) as caught:
        relationship.accept(TEACHER, START)
    assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "not_proposed")


def test_an_ended_relationship_stays_ended() -> None:
    relationship = proposed()
    relationship.end(START)
    relationship.take_event()
    with pytest.raises(Fault) as caught:
        relationship.end(START)
    assert caught.value.code == "relationship_over"


def test_nobody_coaches_herself() -> None:
    with pytest.raises(Fault) as caught:
        Relationship.propose(
            id="r", district="north", coach=COACH, teacher=COACH, year=2027, by=COACH, at=START
        )
    assert (caught.value.code, caught.value.place) == ("coach_is_teacher", "/coach_id")
