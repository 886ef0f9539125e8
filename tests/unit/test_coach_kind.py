"""As what somebody coaches, and whether the teacher was free to be coached, is said when it is
proposed and lasts as the relationship does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from coaching.programs.v1 import relationship_events_pb2 as published
from services.programs.relationship.codec import relationship_snapshot
from services.programs.relationship.domain import Relationship
from services.programs.relationship.handing_over import begun_by, go_on
from services.programs.relationship.outline import CoachKind, Participation, Work
from tests.support.clocks import START

LATER = START + timedelta(days=1)
COACH, TEACHER = "coach-1", "teacher-1"
EXPERT, PEER = CoachKind.EXTERNAL_EXPERT, CoachKind.PEER
ASSIGNED = Participation.ASSIGNED


def active(coach: str = COACH, kind: CoachKind | None = EXPERT) -> Relationship:
    new = Relationship.propose(
        id=coach, district="north", coach=coach, teacher=TEACHER, year=2027, by=coach, at=START,
        coach_kind=kind, participation=ASSIGNED if kind else None,
    )  # fmt: skip
    new.take_event()
    new.accept(TEACHER, START)
    new.take_event()
    return new


def said(each: Relationship) -> tuple[CoachKind | None, Participation | None]:
    return each.coach_kind, each.participation


def test_events_say_it_and_that_nobody_has() -> None:
    told = relationship_snapshot(active())
    assert told.coach_kind == published.COACH_KIND_EXTERNAL_EXPERT
    assert told.participation == published.PARTICIPATION_ASSIGNED
    told = relationship_snapshot(active(kind=None))
    assert (told.coach_kind, told.participation) == (0, 0)


def test_carried_over_it_stays_and_proposed_anew_it_is_said_anew() -> None:
    relationship = active()
    for again in (True, False):
        new = relationship.carry_over(id="next", by="admin", at=LATER, ask_again=again)
        assert said(new) == (EXPERT, ASSIGNED)
    relationship.end(TEACHER, LATER)
    relationship.take_event()
    relationship.propose_again(COACH, LATER, coach_kind=PEER)
    assert said(relationship) == (PEER, None)


def test_who_goes_on_has_her_own_kind_and_the_teacher_is_as_free_as_she_was() -> None:
    old = active()
    old.hand_over(COACH, LATER, "coach-2", coach_kind=PEER)
    old.take_event()
    assert said(old) == (EXPERT, ASSIGNED)
    old.accept_handover(TEACHER, LATER, [Work.GOALS])
    assert said(begun_by(old, "new", "coach-2", TEACHER)) == (PEER, ASSIGNED)
    known = active("coach-2", kind=None)
    known.end(TEACHER, START)
    known.take_event()
    assert old.handover is not None
    go_on(known, old.handover, old)
    assert said(known) == (PEER, ASSIGNED)


def test_another_kind_of_the_same_one_takes_the_place_of_the_first() -> None:
    relationship = active()
    for kind, told in ((None, True), (PEER, True), (PEER, False)):
        relationship.hand_over(COACH, LATER, "coach-2", coach_kind=kind)
        assert (relationship.take_event() is not None) is told
    assert relationship.handover is not None
    assert relationship.handover.coach_kind is PEER


def test_it_goes_along_with_her_record() -> None:
    made = active().for_sides("new", COACH, "teacher-2")
    assert said(made) == (EXPERT, ASSIGNED)
    kept = replace(active(kind=None), id="new")
    kept.end(TEACHER, LATER)
    kept.take_event()
    kept.take_over(made, LATER)
    assert said(kept) == (EXPERT, ASSIGNED)
