"""A written agreement of a coach and a teacher: who offers, who answers, what is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.kernel import Fault
from services.programs.agreement.domain import (
    A_WEEK,
    MOST_AGREED,
    MOST_OFFERED,
    MOST_UNANSWERED,
    Agreement,
)
from services.programs.agreement.outline import AgreementOutcome, AgreementState, AgreementTerms
from services.programs.relationship.domain import Relationship, Work
from tests.support.clocks import START

COACH, TEACHER = "coach-1", "teacher-1"
LATER = START + timedelta(days=1)
TERMS = AgreementTerms("More talk", "Every other week", (Work.GOALS,))


def offered(by: str = COACH, heard: int = 0) -> Agreement:
    agreement = Agreement.begin(
        id="a", district="north", relationship="r", coach=COACH, teacher=TEACHER, year=2027, by=by,
        at=START, terms=TERMS, heard=heard,
    )  # fmt: skip
    agreement.take_event()
    return agreement


def in_force() -> Agreement:
    agreement = offered()
    agreement.accept(TEACHER, START, 1, 5)
    agreement.take_event()
    return agreement


def refused(agreement: Agreement, method: str, by: str, *more: Any) -> str:
    with pytest.raises(Fault) as caught:
        getattr(agreement, method)(by, LATER, *more)
    assert agreement.take_event() is None
    return caught.value.code


def test_the_other_side_accepts_the_very_version_that_she_has_read() -> None:
    agreement = offered()
    assert refused(agreement, "accept", COACH, 1, 0) == "not_yours_to_answer"
    agreement.offer(COACH, LATER, replace(TERMS, how_often="Every week"), 0)
    agreement.take_event()
    assert refused(agreement, "accept", TEACHER, 1, 5) == "another_version"
    agreement.accept(TEACHER, LATER, 2, 5)
    assert agreement.state is AgreementState.IN_FORCE
    assert agreement.in_force is not None
    assert (agreement.in_force.terms.how_often, agreement.in_force.heard) == ("Every week", 5)
    assert [each.outcome for each in agreement.earlier] == [AgreementOutcome.REPLACED]
    agreement.take_event()
    assert refused(agreement, "accept", TEACHER, 2, 5) == "nothing_offered"


def test_what_is_in_force_stays_until_another_is_accepted() -> None:
    agreement = in_force()
    for refusal in ("decline", "withdraw"):
        agreement.offer(COACH, LATER, TERMS, 0)
        agreement.take_event()
        getattr(agreement, refusal)(TEACHER if refusal == "decline" else COACH, LATER)
        agreement.take_event()
        assert agreement.in_force is not None
        assert (agreement.in_force.number, agreement.offered) == (1, None)
    agreement.offer(TEACHER, LATER, TERMS, 9)
    agreement.take_event()
    assert refused(agreement, "withdraw", COACH) == "not_your_offer"
    agreement.accept(COACH, LATER, 4, 0)
    assert agreement.in_force is not None
    assert (agreement.in_force.number, agreement.in_force.heard) == (4, 9)
    outcomes = [each.outcome for each in agreement.earlier]
    assert outcomes == [
        AgreementOutcome.DECLINED, AgreementOutcome.WITHDRAWN, AgreementOutcome.FOLLOWED,
    ]  # fmt: skip


def test_offers_that_nobody_accepted_push_out_nothing_that_both_had() -> None:
    agreement, at = in_force(), LATER
    agreement.offer(COACH, at, replace(TERMS, how_often="Every week"), 0)
    agreement.take_event()
    agreement.accept(TEACHER, at, 2, 5)
    agreement.take_event()
    for _ in range(MOST_UNANSWERED + 5):
        at += A_WEEK
        agreement.offer(COACH, at, TERMS, 0)
        agreement.take_event()
    agreed = [each.number for each in agreement.earlier if each.accepted_at is not None]
    assert (agreed, len(agreement.earlier)) == ([1], MOST_UNANSWERED + 1)
    assert agreement.in_force is not None
    assert agreement.in_force.number == 2
    agreement.end(TEACHER, at)
    agreed = [each.number for each in agreement.earlier if each.accepted_at is not None]
    assert agreed == [1, 2]


def test_one_side_offers_so_many_in_a_week_and_the_other_still_may() -> None:
    agreement = in_force()
    for _ in range(MOST_OFFERED - 1):
        agreement.offer(COACH, START, TERMS, 0)
        agreement.take_event()
    known = agreement.offered
    assert refused(agreement, "offer", COACH, TERMS, 0) == "too_many_offers"
    assert agreement.offered == known
    agreement.offer(TEACHER, LATER, TERMS, 1)
    agreement.take_event()
    agreement.offer(COACH, START + A_WEEK, TERMS, 0)


def test_no_more_is_offered_than_can_be_kept_once_accepted() -> None:
    agreement, at = in_force(), LATER
    for number in range(2, MOST_AGREED + 1):
        at += A_WEEK
        agreement.offer(COACH, at, TERMS, 0)
        agreement.take_event()
        agreement.accept(TEACHER, at, number, 5)
        agreement.take_event()
    assert len(agreement.earlier) == MOST_AGREED - 1
    assert refused(agreement, "offer", TEACHER, TERMS, 0) == "too_many_agreed"


def test_it_does_not_end_before_it_begins() -> None:
    agreement = in_force()
    with pytest.raises(Fault) as caught:
        agreement.offer(COACH, LATER, replace(TERMS, begins="2027-01-02", ends="2027-01-01"), 0)
    assert (caught.value.code, caught.value.place) == ("ends_before_it_begins", "/end_date")
    assert agreement.offered is None


def test_either_ends_it_and_only_what_is_in_force() -> None:
    agreement = in_force()
    agreement.end(COACH, LATER)
    agreement.take_event()
    assert agreement.state is AgreementState.OVER
    assert refused(agreement, "end", TEACHER) == "not_in_force"


def test_with_its_relationship_only_what_was_until_then_is_over() -> None:
    agreement = in_force()
    agreement.offer(TEACHER, LATER, TERMS, 9)
    agreement.take_event()
    agreement.finish(START, LATER)
    agreement.take_event()
    assert (agreement.state, agreement.in_force) == (AgreementState.OFFERED, None)
    agreement.finish(START, LATER)
    assert agreement.take_event() is None
    agreement.finish(LATER, LATER)
    assert agreement.state is AgreementState.OVER


def test_who_is_another_record_now_agrees_anew() -> None:
    agreement = in_force()
    agreement.offer(TEACHER, LATER, TERMS, 9)
    agreement.take_event()
    agreement.transfer(TEACHER, "kept", "other", LATER)
    assert agreement.state is AgreementState.OVER
    assert (agreement.teacher, agreement.teacher_before) == ("kept", TEACHER)
    assert (agreement.sides, agreement.relationship) == ((COACH, "kept"), "other")
    assert TEACHER not in {each.offered_by for each in agreement.earlier}


def active() -> Relationship:
    relationship = Relationship.propose(
        id="r", district="north", coach=COACH, teacher=TEACHER, year=2027, by=COACH, at=START
    )
    relationship.version = 1
    relationship.take_event()
    relationship.accept(TEACHER, START)
    relationship.take_event()
    relationship.version = 2
    return relationship


def test_the_coach_sees_what_was_agreed_on_unless_the_teacher_has_said_otherwise_since() -> None:
    relationship = active()
    relationship.show_as_agreed((Work.GOALS,), 2)
    assert relationship.coach_sees == (Work.GOALS,)
    relationship.take_event()
    relationship.version = 3
    relationship.show_as_agreed((Work.GOALS,), 2)
    assert relationship.take_event() is None
    relationship.accept(TEACHER, LATER, coach_sees=[Work.GOALS])  # said again, to be sure of it
    relationship.take_event()
    relationship.version = 4
    relationship.show_as_agreed((Work.GOALS, Work.SURVEYS), 3)
    assert relationship.take_event() is None
    assert set(relationship.coach_sees) == {Work.GOALS}
    relationship.show_as_agreed((Work.GOALS, Work.SURVEYS), 4)
    assert set(relationship.coach_sees) == {Work.GOALS, Work.SURVEYS}


def test_what_was_agreed_on_counts_no_more_once_the_two_begin_anew() -> None:
    relationship = active()
    relationship.end(TEACHER, LATER)
    relationship.take_event()
    relationship.show_as_agreed((Work.GOALS,), 2)
    assert relationship.take_event() is None
    relationship.version = 3
    relationship.propose_again(COACH, LATER)
    relationship.take_event()
    relationship.version = 4
    relationship.accept(TEACHER, LATER)
    relationship.take_event()
    relationship.show_as_agreed((Work.GOALS,), 2)
    assert relationship.take_event() is None
    assert set(relationship.coach_sees) == set(Work)
