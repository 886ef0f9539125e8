"""A relationship is stopped for a while by either side, and goes on once each who stopped it says
so; what it lets in it lets in meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from coaching.programs.v1 import relationship_events_pb2 as published
from services.chassis.kernel import Fault, Kind
from services.programs.relationship.codec import relationship_snapshot
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import (
    WITH_ITS_YEAR,
    Acknowledgment,
    CoachKind,
    RelationshipEvent,
    RelationshipState,
    Work,
)
from tests.support.clocks import START

LATER = START + timedelta(days=1)
LATEST = START + timedelta(days=9)
COACH, TEACHER = "coach-1", "teacher-1"


def proposed() -> Relationship:
    new = Relationship.propose(
        id="r", district="north", coach=COACH, teacher=TEACHER, year=2027, by=COACH, at=START
    )
    new.take_event()
    return new


def active(*paused_by: str) -> Relationship:
    new = proposed()
    new.accept(TEACHER, START)
    new.take_event()
    for by in paused_by:
        new.pause(by, LATER)
        new.take_event()
    return new


@pytest.mark.parametrize("by", [COACH, TEACHER])
def test_either_stops_it_and_goes_on_with_it(by: str) -> None:
    relationship = active()
    relationship.pause(by, LATER)
    assert relationship.take_event() is RelationshipEvent.PAUSED
    assert (relationship.state, relationship.paused_at) == (RelationshipState.PAUSED, LATER)
    assert relationship.active
    assert relationship.open
    relationship.resume(by, LATEST)
    assert relationship.take_event() is RelationshipEvent.RESUMED
    assert (relationship.state, relationship.paused_at) == (RelationshipState.ACTIVE, None)
    assert relationship.resumed_at == LATEST


@pytest.mark.parametrize("by", [COACH, TEACHER])
def test_a_double_click_changes_nothing(by: str) -> None:
    relationship = active(by)
    relationship.pause(by, LATEST)
    assert (relationship.take_event(), relationship.paused_at) == (None, LATER)


def test_it_goes_on_once_each_who_stopped_it_says_so() -> None:
    relationship = active(COACH)
    with pytest.raises(Fault) as caught:
        relationship.resume(TEACHER, LATEST)
    assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "not_paused_by_you")
    relationship.pause(TEACHER, LATEST)
    assert relationship.take_event() is RelationshipEvent.PAUSED
    assert relationship.paused_at == LATER
    relationship.resume(COACH, LATEST)
    assert relationship.take_event() is RelationshipEvent.RESUMED
    assert (relationship.state, relationship.resumed_at) == (RelationshipState.PAUSED, None)
    relationship.resume(TEACHER, LATEST)
    assert relationship.state is RelationshipState.ACTIVE


def test_only_what_is_active_is_stopped() -> None:
    ended = active(TEACHER)
    ended.end(COACH, LATEST)
    ended.take_event()
    for relationship in (proposed(), ended):
        with pytest.raises(Fault, match="not_active"):
            relationship.pause(TEACHER, LATEST)
        with pytest.raises(Fault, match="not_paused_by_you"):
            relationship.resume(TEACHER, LATEST)


def test_who_has_paused_it_is_in_no_event() -> None:
    for told in (relationship_snapshot(active(by)) for by in (COACH, TEACHER)):
        assert told.state == published.RELATIONSHIP_STATE_PAUSED
        assert told.paused_at.ToDatetime(START.tzinfo) == LATER
        assert told == relationship_snapshot(active(COACH))
    ended = active(TEACHER)
    ended.end(COACH, LATEST)
    assert not relationship_snapshot(ended).HasField("paused_at")


def test_what_her_coach_sees_and_who_leads_she_says_meanwhile() -> None:
    leads = (Acknowledgment.COACH_LEADS,)
    relationship = active(TEACHER)
    relationship.accept(TEACHER, LATEST, coach_sees=[Work.GOALS])
    assert relationship.take_event() is RelationshipEvent.ACCEPTED
    relationship.accept(TEACHER, LATEST, needed=leads, acknowledged=leads)
    relationship.take_event()
    assert relationship.state is RelationshipState.PAUSED
    assert (relationship.coach_sees, relationship.acknowledged) == ((Work.GOALS,), leads)
    relationship.show_as_agreed((Work.SURVEYS,), relationship.version + 1)
    assert relationship.coach_sees == (Work.SURVEYS,)
    relationship.take_event()
    relationship.propose_again(COACH, LATEST)
    assert (relationship.take_event(), relationship.state) == (None, RelationshipState.PAUSED)


def _ended_with_its_year(old: Relationship) -> None:
    old.end(WITH_ITS_YEAR, LATEST)


@pytest.mark.parametrize("before", [lambda _: None, _ended_with_its_year])
@pytest.mark.parametrize("ask_again", [False, True])
def test_carried_over_it_stays_paused_unless_she_is_asked_again(
    before: Callable[[Relationship], None], ask_again: bool
) -> None:
    old = active(TEACHER)
    before(old)
    new = old.carry_over(id="next", by="admin", at=LATEST, ask_again=ask_again)
    new.take_event()
    if ask_again:
        new.accept(TEACHER, LATEST)
        assert (new.state, new.paused_by, new.paused_at) == (RelationshipState.ACTIVE, (), None)
        return
    assert (new.state, new.paused_at) == (RelationshipState.PAUSED, LATER)
    new.resume(TEACHER, LATEST)
    assert new.state is RelationshipState.ACTIVE


def test_proposed_anew_it_is_not_paused_any_more() -> None:
    relationship = active(TEACHER)
    relationship.end(COACH, LATEST)
    relationship.take_event()
    relationship.propose_again(COACH, LATEST)
    relationship.take_event()
    relationship.accept(TEACHER, LATEST)
    assert (relationship.state, relationship.paused_by) == (RelationshipState.ACTIVE, ())
    assert (relationship.paused_at, relationship.resumed_at) == (None, None)


def test_another_coach_goes_on_all_the_same() -> None:
    relationship = active(COACH)
    relationship.hand_over(COACH, LATEST, "coach-2")
    relationship.take_event()
    relationship.accept_handover(TEACHER, LATEST, [Work.GOALS])
    assert relationship.state is RelationshipState.ENDED


@pytest.mark.parametrize(
    ("here", "there", "paused_by"),
    [
        ((), ("old",), ("new",)),
        (("new",), (), ("new",)),
        ((COACH,), ("old",), (COACH, "new")),
        ((), (), ()),
    ],
)
def test_of_two_records_that_become_one_it_is_paused_where_either_was(
    here: tuple[str, ...], there: tuple[str, ...], paused_by: tuple[str, ...]
) -> None:
    kept, old = _between("new", *here), _between("old", *there)
    kept.take_over(old.for_sides("new", COACH, "new"), LATEST)
    assert kept.paused_by == paused_by
    state = RelationshipState.PAUSED if paused_by else RelationshipState.ACTIVE
    assert (kept.state, kept.paused_at) == (state, LATER if paused_by else None)


@pytest.mark.parametrize(("here", "there"), [((), ("old",)), (("new",), ()), ((), ())])
def test_what_the_two_have_agreed_on_stays_theirs_whichever_of_two_records_was_paused(
    here: tuple[str, ...], there: tuple[str, ...]
) -> None:
    """Also once the two records are parted again: what was paused she resumes herself."""
    kept, old = _between("new", *here), _between("old", *there)
    leads = (Acknowledgment.COACH_LEADS,)
    kept.accept("new", START, needed=leads, acknowledged=leads)
    kept.take_event()
    kept.coach_kind = CoachKind.PEER
    kept.hand_over(COACH, LATER, "coach-2")
    kept.take_event()
    handed, agreed = kept.handover, kept.agreed
    kept.take_over(old.for_sides("new", COACH, "new"), LATEST)
    kept.take_event()
    assert handed is not None
    assert (kept.came_from, kept.handover, kept.agreed) == ("", handed, agreed)
    assert (kept.acknowledged, kept.coach_kind) == (leads, CoachKind.PEER)
    kept.part("old", LATEST)
    assert kept.take_event() is None
    assert kept.active
    for each in kept.paused_by:
        kept.resume(each, LATEST)
    assert kept.state is RelationshipState.ACTIVE


def _between(teacher: str, *paused_by: str) -> Relationship:
    new = Relationship.propose(
        id=teacher, district="north", coach=COACH, teacher=teacher, year=2027, by=COACH, at=START
    )
    new.take_event()
    new.accept(teacher, START)
    new.take_event()
    for each in paused_by:
        new.pause(each, LATER)
        new.take_event()
    return new


def test_it_ends_with_what_began_by_an_earlier_acceptance() -> None:
    later = active(TEACHER).carry_over(id="next", by="admin", at=LATEST, ask_again=False)
    assert later.rests_on(START)
