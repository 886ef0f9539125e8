"""What coaching sessions do to a card: those that were held and those to come are on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.insights.caseload.cards import card_of
from services.insights.caseload.domain.card import Session
from services.insights.caseload.fold import FOLDS, card_fields, row_of_parked
from tests.unit.insights.test_insight_folds import AT, event, project

SCHEDULED = sessions.COACHING_SESSION_STATE_SCHEDULED
HELD = sessions.COACHING_SESSION_STATE_HELD


def said(
    version: int, state: Any, *teachers: str, key: str = "north:t1", starts_at: datetime = AT
) -> Event:
    snapshot = sessions.CoachingSessionSnapshot(
        coaching_session_id="s1",
        coach_id="c1",
        teacher_ids=teachers or ("t1",),
        school_year=2027,
        state=state,
    )
    snapshot.starts_at.FromDatetime(starts_at)
    return event(sessions.CoachingSessionHeld(coaching_session=snapshot), "s1", version, key=key)


def on_card(*events: Event) -> tuple[Session, ...]:
    (row,) = project({}, *events).values()
    return card_of(row).sessions


@pytest.mark.parametrize(
    ("state", "held"),
    [(SCHEDULED, False), (HELD, True), (sessions.COACHING_SESSION_STATE_SUMMARIZED, True)],
)
def test_one_that_was_held_or_is_to_come_is_on_it(state: Any, held: bool) -> None:
    assert on_card(said(1, state)) == (Session("s1", "c1", AT, held),)


def test_the_newest_event_is_when_it_was_planned_and_not_when_it_takes_place() -> None:
    to_come = said(1, SCHEDULED, starts_at=AT + timedelta(days=30))
    (row,) = project({}, to_come).values()
    assert card_of(row).sessions == (Session("s1", "c1", AT + timedelta(days=30)),)
    assert card_fields(row)["newest_event_at"] == to_come.envelope.occurred_at


@pytest.mark.parametrize(
    "state",
    [
        sessions.COACHING_SESSION_STATE_MISSED,
        sessions.COACHING_SESSION_STATE_CANCELLED,
        sessions.COACHING_SESSION_STATE_VOIDED,
        99,
    ],
)
def test_one_of_any_other_state_or_of_a_newer_build_is_not(state: Any) -> None:
    assert on_card(said(1, SCHEDULED), said(2, state)) == ()


def test_who_has_left_one_of_several_has_it_no_more_whatever_comes_first() -> None:
    events = [said(1, SCHEDULED, "t1", "t2"), said(2, HELD, "t1", "t2"), said(3, HELD, "t2")]
    for order in permutations(events):
        assert on_card(*order) == ()


def test_time_without_teachers_is_on_no_card() -> None:
    alone = said(1, HELD, key="north:s1")
    assert project({}, alone) == {}
    assert row_of_parked(alone.envelope) == []
    assert row_of_parked(said(1, HELD).envelope) == [("cards", "north:t1:2027")]


def test_one_that_does_not_say_when_it_begins_is_refused() -> None:
    broken = said(1, HELD)
    message: Any = broken.message
    message.coaching_session.ClearField("starts_at")
    with pytest.raises(InvalidEvent, match="starts_at"):
        FOLDS[broken.envelope.type](broken)
