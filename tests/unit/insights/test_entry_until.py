"""How long an entry holds with nothing written: up to `until`, and no flag later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.access.calendar import AcademicSession, Calendar
from services.insights.caseload.domain.card import (
    Card,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Relationship,
    Survey,
)
from services.insights.caseload.domain.entry import entry_until, sort_key_of

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)  # a Monday
MIDNIGHT = datetime(2026, 10, 6, tzinfo=UTC)
TICK = timedelta.resolution
CALENDARS = (
    Calendar(),
    Calendar([AcademicSession("term", date(2026, 9, 1), date(2026, 10, 6))]),
    Calendar([AcademicSession("term", date(2026, 10, 7), date(2026, 12, 19))]),
    Calendar(zone=ZoneInfo("Pacific/Honolulu"), closed=[date(2026, 10, 2), date(2026, 10, 6)]),
    Calendar(
        [AcademicSession("term", date(2026, 9, 1), date(2026, 10, 6))],
        zone=ZoneInfo("Asia/Kathmandu"),
    ),
)
# around now, and as far back as any rule looks
INSTANTS = st.one_of(
    st.none(),
    st.builds(
        lambda days, seconds: NOW - timedelta(days=days, seconds=seconds),
        st.integers(-2, 40),
        st.integers(-60_000, 60_000),
    ),
)
STATES = st.sampled_from(GoalState)
GOALS = st.builds(
    Goal,
    st.sampled_from("abc"),
    STATES,
    st.just("talk-share"),
    st.just("percent"),
    st.just(60.0),
    st.booleans(),
    st.sampled_from([None, 35.0]),
    st.sampled_from([None, 30.0, 50.0]),
    st.sampled_from([None, 30.0]),
    st.sampled_from([None, *(date(2026, 10, day) for day in (1, 4, 5, 6))]),
    INSTANTS,
    INSTANTS,
    INSTANTS,
    INSTANTS,
)
OBSERVATIONS = st.builds(
    Observation,
    st.sampled_from("abc"),
    st.just("teach"),
    st.sampled_from(ObservationState),
    INSTANTS,
    INSTANTS,
)
SURVEYS = st.builds(Survey, st.just("s"), st.just("belonging"), st.just("a"), INSTANTS, INSTANTS)
CARDS = st.builds(
    lambda coached, goals, seen, surveys: Card(
        "t1",
        2027,
        relationships=coached,
        goals=tuple({each.id: each for each in goals}.values()),
        observations=tuple({each.id: each for each in seen}.values()),
        surveys=surveys,
    ),
    st.builds(
        lambda active, at: (Relationship("r", "coach-1", active, at),),
        st.sampled_from([True, True, True, False]),
        INSTANTS,
    ),
    st.lists(GOALS, max_size=3),
    st.lists(OBSERVATIONS, max_size=2),
    st.lists(SURVEYS, max_size=1).map(tuple),
)


@settings(max_examples=500)
@given(CARDS, st.sampled_from(CALENDARS), st.floats(0, 1, exclude_max=True))
def test_an_entry_and_its_place_stay_until_then(
    card: Card, calendar: Calendar, share: float
) -> None:
    entry, until = entry_until(card, calendar, NOW)
    assert NOW < until <= calendar.begins(calendar.day_of(NOW) + timedelta(days=1))
    for later in (NOW + (until - NOW) * share, until - TICK):
        later = min(later, until - TICK)
        assert entry_until(card, calendar, later)[0] == entry
        assert sort_key_of(entry, later) == sort_key_of(entry, NOW)


ACTIVE = Goal("g", GoalState.ACTIVE, "talk-share", "percent", 60, activated_at=NOW)
ACHIEVED = Goal("g", GoalState.ACHIEVED, "talk-share", "percent", 60)
HOUR = timedelta(hours=1)


def at(goal: Goal, **when: datetime) -> Goal:
    values = {name: getattr(goal, name) for name in goal.__slots__}
    return Goal(**{**values, **when})


@pytest.mark.parametrize(
    ("goal", "until"),
    [
        (ACTIVE, MIDNIGHT),
        # stalled in an hour; and since 20 days and 23 hours, so that the order may change
        (at(ACTIVE, activated_at=NOW - timedelta(days=21) + HOUR), NOW + HOUR),
        (at(ACTIVE, activated_at=NOW - timedelta(days=42) + HOUR), NOW + HOUR),
        # celebrated for 30 days and not an instant longer
        (at(ACHIEVED, closed_at=NOW - timedelta(days=30)), NOW + TICK),
        (at(ACHIEVED, closed_at=NOW - timedelta(days=30) + HOUR), NOW + HOUR + TICK),
        # closed by a clock ahead of ours: since now, whenever that is
        (at(ACHIEVED, closed_at=NOW + HOUR), NOW + TICK),
    ],
)
def test_until_when(goal: Goal, until: datetime) -> None:
    card = Card("t1", 2027, relationships=(Relationship("r", "c", True, NOW),), goals=(goal,))
    assert entry_until(card, Calendar(), NOW)[1] == until
