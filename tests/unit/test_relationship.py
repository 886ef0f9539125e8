"""A coaching relationship needs both sides to begin and either to end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.kernel import Fault, Kind
from services.programs.relationship.domain import MOST_ROUNDS, Relationship
from services.programs.relationship.outline import (
    ASKED_FOR,
    MOST_ASKED,
    WITH_ITS_YEAR,
    Acknowledgment,
    RelationshipEvent,
    RelationshipState,
    Work,
)
from tests.support.clocks import START

LEADS = (Acknowledgment.COACH_LEADS,)
LATER = START + timedelta(days=1)

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
    relationship.end(TEACHER, START)
    relationship.take_event()
    with pytest.raises(Fault) as caught:
        relationship.end(TEACHER, START)
    assert caught.value.code == "relationship_over"


def test_nobody_coaches_herself() -> None:
    with pytest.raises(Fault) as caught:
        Relationship.propose(
            id="r", district="north", coach=COACH, teacher=COACH, year=2027, by=COACH, at=START
        )
    assert (caught.value.code, caught.value.place) == ("coach_is_teacher", "/coach_id")


def active(by: str = COACH) -> Relationship:
    relationship = proposed(by)
    relationship.accept(TEACHER if by != TEACHER else COACH, START)
    relationship.take_event()
    return relationship


@pytest.mark.parametrize("over", ["end", "decline"])
def test_what_is_over_may_be_proposed_again(over: str) -> None:
    relationship = proposed()
    if over == "end":
        relationship.accept(TEACHER, START)
        relationship.take_event()
        relationship.end(TEACHER, START)
    else:
        relationship.decline(TEACHER, START)
    relationship.take_event()
    relationship.propose_again(TEACHER, LATER)
    assert relationship.take_event() is RelationshipEvent.PROPOSED
    assert (relationship.state, relationship.proposed_by) == (RelationshipState.PROPOSED, TEACHER)
    assert (relationship.proposed_at, relationship.accepted_at) == (LATER, None)
    assert relationship.ended_at is None
    (before,) = relationship.earlier
    assert (before.proposed_by, before.proposed_at, before.ended_at) == (COACH, START, START)
    relationship.accept(COACH, LATER)
    assert relationship.state is RelationshipState.ACTIVE


@pytest.mark.parametrize("by", [COACH, TEACHER, "admin"])
def test_a_double_click_changes_nothing(by: str) -> None:
    for relationship in (proposed(COACH), active(COACH)):
        state = relationship.state
        relationship.propose_again(by, LATER)
        assert relationship.take_event() is None
        assert (relationship.state, relationship.proposed_by) == (state, COACH)


@pytest.mark.parametrize(("by", "answers"), [(COACH, TEACHER), (TEACHER, COACH)])
def test_accepting_again_changes_nothing(by: str, answers: str) -> None:
    relationship = active(by)
    relationship.accept(answers, LATER)
    assert relationship.take_event() is None
    assert relationship.accepted_at == START
    with pytest.raises(Fault) as caught:
        relationship.accept("admin", LATER)
    assert caught.value.code == "not_proposed"


def test_earlier_rounds_are_bounded() -> None:
    relationship = proposed()
    for turn in range(MOST_ROUNDS + 5):
        relationship.take_event()
        relationship.decline(TEACHER, START)
        relationship.take_event()
        relationship.propose_again(COACH, START + timedelta(days=turn + 1))
    assert len(relationship.earlier) == MOST_ROUNDS
    assert relationship.earlier[-1].proposed_at == START + timedelta(days=MOST_ROUNDS + 4)


def test_a_teacher_accepts_a_coach_who_leads_once_she_says_that_she_knows() -> None:
    relationship = proposed()
    with pytest.raises(Fault) as caught:
        relationship.accept(TEACHER, LATER, needed=LEADS)
    assert (caught.value.kind, caught.value.place) == (Kind.INVALID, "/acknowledges")
    assert relationship.state is RelationshipState.PROPOSED
    relationship.accept(TEACHER, LATER, needed=LEADS, acknowledged=LEADS)
    assert relationship.acknowledged == LEADS


def test_only_the_teachers_own_word_counts() -> None:
    relationship = Relationship.propose(
        id="r", district="north", coach=COACH, teacher=TEACHER, year=2027, by=COACH, at=START,
        acknowledged=LEADS,
    )  # fmt: skip
    assert relationship.acknowledged == ()
    mine = proposed(TEACHER)
    with pytest.raises(Fault) as caught:
        mine.accept(COACH, LATER, needed=LEADS, acknowledged=LEADS)
    assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "acknowledgment_needed")
    told = Relationship.propose(
        id="r", district="north", coach=COACH, teacher=TEACHER, year=2027, by=TEACHER, at=START,
        acknowledged=LEADS,
    )  # fmt: skip
    told.take_event()
    told.accept(COACH, LATER, needed=LEADS)
    assert told.acknowledged == LEADS


def test_a_word_given_before_it_was_true_is_none() -> None:
    relationship = proposed()
    relationship.accept(TEACHER, START, acknowledged=LEADS)
    assert relationship.acknowledged == ()


def test_whoever_accepted_before_her_coach_led_accepts_anew() -> None:
    relationship = active()
    with pytest.raises(Fault) as caught:
        relationship.accept(TEACHER, LATER, needed=LEADS)
    assert caught.value.code == "acknowledgment_needed"
    relationship.accept(TEACHER, LATER, needed=LEADS, acknowledged=LEADS)
    assert relationship.take_event() is RelationshipEvent.ACCEPTED
    assert (relationship.acknowledged, relationship.accepted_at) == (LEADS, LATER)
    relationship.accept(TEACHER, LATER, needed=LEADS)
    assert relationship.take_event() is None


def test_proposed_again_nothing_is_acknowledged_any_more() -> None:
    relationship = proposed()
    relationship.accept(TEACHER, START, needed=LEADS, acknowledged=LEADS)
    relationship.take_event()
    relationship.end(TEACHER, START)
    relationship.take_event()
    relationship.propose_again(COACH, LATER, LEADS)
    assert relationship.acknowledged == ()


@pytest.mark.parametrize("by", [COACH, TEACHER, "admin"])
def test_carried_over_it_is_that_of_the_next_year_with_the_acceptance_kept(by: str) -> None:
    old = active(by)
    new = old.carry_over(id="next", by="admin", at=LATER, ask_again=False)
    assert new.take_event() is RelationshipEvent.CARRIED_OVER
    assert (new.school_year, new.carried_over_from) == (2028, 2027)
    assert (new.state, new.accepted_at) == (RelationshipState.ACTIVE, START)
    assert (new.proposed_by, new.proposed_at) == ("admin", LATER)
    assert (old.take_event(), old.state) == (None, RelationshipState.ACTIVE)


@pytest.mark.parametrize("by", [COACH, TEACHER, "admin"])
def test_carried_over_to_be_asked_again_only_the_teacher_answers(by: str) -> None:
    new = active(by).carry_over(id="next", by="admin", at=LATER, ask_again=True)
    new.take_event()
    assert (new.state, new.accepted_at) == (RelationshipState.PROPOSED, None)
    for other in (COACH, "admin"):
        with pytest.raises(Fault) as caught:
            new.accept(other, LATER)
        assert caught.value.code == "not_yours_to_answer"
    new.accept(TEACHER, LATER)
    assert (new.state, new.accepted_at) == (RelationshipState.ACTIVE, LATER)


def test_what_is_not_active_is_not_carried_over() -> None:
    ended = active()
    ended.end(TEACHER, LATER)
    for relationship in (proposed(), ended):
        for ask_again in (True, False):
            with pytest.raises(Fault) as caught:
                relationship.carry_over(id="next", by="admin", at=LATER, ask_again=ask_again)
            assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "not_active")


def test_what_lasted_as_long_as_those_of_its_year_is_carried_over() -> None:
    """By who ended it; where an earlier build has not kept that, by when."""
    over, moment = LATER, timedelta(milliseconds=1)
    for state, by, at, lasted in (
        (active(), WITH_ITS_YEAR, over, True),
        (active(), WITH_ITS_YEAR, over - moment, True),
        (active(), TEACHER, over, False),
        (active(), "admin", over + moment, False),
        (active(), "duty:end_beside", over, False),
        (active(), "", over, True),
        (active(), "", over - moment, False),
        (proposed(), WITH_ITS_YEAR, over, False),
        (proposed(), "", over, False),
    ):
        state.end(by, at)
        assert state.lasted(over) is lasted
        if lasted:
            new = state.carry_over(id="next", by="admin", at=at, ask_again=False, over=over)
            assert (new.state, new.accepted_at) == (RelationshipState.ACTIVE, START)
            continue
        with pytest.raises(Fault, match="not_active"):
            state.carry_over(id="next", by="admin", at=at, ask_again=False, over=over)


def test_it_is_known_of_each_round_whether_somebody_ended_it() -> None:
    moment = timedelta(milliseconds=1)
    known = active()
    for by, at in ((TEACHER, START), ("duty:end_beside", START + moment), ("", LATER)):
        known.end(by, at)
        assert known.was_ended(at) is (by == TEACHER)
        known.take_event()
        known.propose_again(COACH, at)
        assert (known.ended_by, known.was_ended(at)) == ("", by == TEACHER)
        known.take_event()
    assert not known.was_ended(LATER + moment)


def test_only_a_word_that_was_given_is_carried_over() -> None:
    old = active()
    with pytest.raises(Fault) as caught:
        old.carry_over(id="next", by="admin", at=LATER, ask_again=False, needed=LEADS)
    assert caught.value.code == "acknowledgment_needed"
    asked = old.carry_over(id="next", by="admin", at=LATER, ask_again=True, needed=LEADS)
    asked.take_event()
    assert asked.acknowledged == ()
    old.accept(TEACHER, LATER, needed=LEADS, acknowledged=LEADS)
    kept = old.carry_over(id="next", by="admin", at=LATER, ask_again=False, needed=LEADS)
    assert kept.acknowledged == LEADS
    assert old.carry_over(id="x", by="admin", at=LATER, ask_again=True).acknowledged == ()


def test_a_coach_sees_all_of_her_teachers_work_unless_the_teacher_says_otherwise() -> None:
    relationship = proposed()
    relationship.accept(TEACHER, START)
    assert set(relationship.coach_sees) == set(Work)
    narrow = proposed()
    narrow.accept(TEACHER, START, coach_sees=[Work.SURVEYS, Work.GOALS, Work.GOALS])
    assert narrow.coach_sees == (Work.GOALS, Work.SURVEYS)


def test_what_the_coach_says_of_it_does_not_count() -> None:
    relationship = Relationship.propose(
        id="r", district="north", coach=COACH, teacher=TEACHER, year=2027, by=TEACHER, at=START,
        coach_sees=[Work.GOALS],
    )  # fmt: skip
    relationship.take_event()
    relationship.accept(COACH, START, coach_sees=list(Work))
    assert relationship.coach_sees == (Work.GOALS,)
    relationship.take_event()
    relationship.accept(COACH, LATER, coach_sees=list(Work))
    assert (relationship.coach_sees, relationship.accepted_at) == ((Work.GOALS,), START)


def test_the_teacher_changes_it_at_any_time_and_no_instant_moves() -> None:
    relationship = proposed()
    relationship.accept(TEACHER, START)
    assert relationship.take_event() is RelationshipEvent.ACCEPTED
    relationship.accept(TEACHER, LATER, coach_sees=[Work.GOALS])
    assert relationship.take_event() is RelationshipEvent.ACCEPTED
    assert (relationship.coach_sees, relationship.accepted_at) == ((Work.GOALS,), START)
    relationship.accept(TEACHER, LATER)
    relationship.accept(TEACHER, LATER, coach_sees=[Work.GOALS])
    assert relationship.coach_sees == (Work.GOALS,)


def test_it_lasts_when_the_two_go_on() -> None:
    relationship = proposed()
    relationship.accept(TEACHER, START, coach_sees=[Work.GOALS])
    relationship.take_event()
    for ask_again in (False, True):
        next_one = relationship.carry_over(id="n", by="admin", at=LATER, ask_again=ask_again)
        assert next_one.coach_sees == (Work.GOALS,)
    relationship.end(TEACHER, LATER)
    relationship.take_event()
    relationship.propose_again(COACH, LATER)
    assert relationship.coach_sees == (Work.GOALS,)


def handed_to(successor: str = "coach-2") -> Relationship:
    relationship = active()
    relationship.hand_over(COACH, START, successor)
    relationship.take_event()
    return relationship


def test_another_coach_goes_on_by_the_teacher_s_word_alone() -> None:
    relationship = handed_to()
    relationship.hand_over(COACH, LATER, "coach-2")
    assert relationship.take_event() is None
    for by in (COACH, "admin", "coach-2"):
        with pytest.raises(Fault) as caught:
            relationship.accept_handover(by, LATER, [Work.GOALS])
        assert caught.value.code == "teacher_decides"
    with pytest.raises(Fault) as caught:
        relationship.accept_handover(TEACHER, LATER, [Work.GOALS], [Acknowledgment.COACH_LEADS])
    assert caught.value.code == "acknowledgment_needed"
    relationship.accept_handover(TEACHER, LATER, [Work.GOALS])
    assert (relationship.state, relationship.ended_by) == (RelationshipState.ENDED, TEACHER)
    assert relationship.handover is not None
    assert (relationship.handover.accepted_at, relationship.handover.coach_sees) == (
        LATER, (Work.GOALS,),
    )  # fmt: skip


def test_what_is_only_proposed_is_over_with_the_relationship_and_accepted_lasts_a_round() -> None:
    relationship = handed_to()
    relationship.end(COACH, LATER)
    assert relationship.handover is None
    relationship.take_event()
    relationship = handed_to()
    relationship.accept_handover(TEACHER, LATER, [Work.GOALS])
    relationship.take_event()
    relationship.propose_again(COACH, LATER)
    assert relationship.gone_on  # what she has said is still to be done
    relationship.take_event()
    relationship.end(COACH, LATER)
    assert relationship.handover is None


def test_another_coach_is_proposed_so_often_whatever_becomes_of_it() -> None:
    relationship = proposed()
    relationship.accept(TEACHER, START)
    for number in range(MOST_ASKED):
        relationship.take_event()
        relationship.hand_over(COACH, START, f"coach-{number + 2}")
    relationship.take_event()
    relationship.decline_handover(TEACHER, START)
    relationship.take_event()
    for coach in ("coach-2", "coach-9"):
        with pytest.raises(Fault) as caught:
            relationship.hand_over(COACH, START + ASKED_FOR - timedelta(seconds=1), coach)
        assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "proposed_lately")
    assert (relationship.handover, relationship.take_event()) == (None, None)
    relationship.hand_over(COACH, START + ASKED_FOR, "coach-2")


@pytest.mark.parametrize(("one", "other"), [(COACH, "admin"), ("admin", COACH)])
def test_what_one_side_proposes_uses_up_nothing_of_the_other(one: str, other: str) -> None:
    relationship = active()
    for by in (one, other):
        for number in range(MOST_ASKED):
            relationship.hand_over(by, START, f"coach-{number + 2}")
            relationship.take_event()
            relationship.withdraw_handover(by, START)
            relationship.take_event()
    moved = relationship.for_sides("moved", "merged", TEACHER)
    moved.take_event()
    for known, by in ((relationship, one), (relationship, "admin-2"), (moved, "merged")):
        with pytest.raises(Fault, match="proposed_lately"):
            known.hand_over(by, START + timedelta(days=13), "coach-9")
