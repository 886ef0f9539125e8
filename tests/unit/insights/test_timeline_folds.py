"""What each event does to a timeline: one row for each aggregate, whatever the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from coaching.goals.v1 import trial_events_pb2 as trials
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from services.access.profile import ALL_WORK
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.facts import facts_in
from services.chassis.views.projection import Event, Row, apply_fact, derived, new_row
from services.insights.calendar.fold import FOLDS as CALENDAR
from services.insights.caseload.fold import FOLDS as CARDS
from services.insights.facts import enrollments, flag_answers, planning_entries
from services.insights.org.fold import FOLDS as ORGS
from services.insights.program.fold import FOLDS as PROGRAMS
from services.insights.timeline.domain import (
    NEVER,
    CoachingTime,
    Goal,
    ItemKind,
    Sight,
    State,
    TimelineItem,
    Trial,
    as_seen_by,
    kinds_shown,
    sight_of,
)
from services.insights.timeline.fold import (
    FOLDS,
    TIMELINE,
    row_of_parked,
    timeline_fields,
    timeline_projection,
)
from services.insights.timeline.read import item_of
from tests.support.golden import golden_events, message_class
from tests.unit.insights.test_insight_folds import AT, event

PROJECTION = timeline_projection()


def project(*events: Event) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for each in events:
        for fact in FOLDS[each.envelope.type](each):
            row = rows.setdefault(fact.row, new_row(fact.row, each.envelope.district))
            apply_fact(row, fact, each.envelope)
            derived(PROJECTION, fact.collection, row)
    return rows


def observation(version: int, state: Any, **more: Any) -> Event:
    said = observations.ObservationSnapshot(
        observation_id="o1", observer_id="c1", teacher_id="t1", school_year=2027, state=state
    )
    said.scheduled_for.FromDatetime(AT)
    for name, days in more.items():
        getattr(said, name).FromDatetime(AT + timedelta(days=days))
    return event(observations.ObservationShared(observation=said), "o1", version)


def test_a_trial_that_an_older_build_says_was_declined_is_on_no_timeline() -> None:
    declined = trials.TrialSnapshot(
        trial_id="s1", teacher_id="t1", school_year=2027, state=trials.TRIAL_STATE_DECLINED
    )
    (row,) = project(event(trials.TrialDeclined(trial=declined), "s1", 2)).values()
    assert not row["listed"]
    said = item_of(row).said
    assert isinstance(said, Trial)
    assert said.state is State.WITHDRAWN


def test_an_item_says_when_its_newest_event_was_by_a_device_and_stands_where_it_stood() -> None:
    shared = observations.OBSERVATION_STATE_SHARED
    first, later = observation(1, shared), observation(3, shared)
    made_at = AT - timedelta(days=400)  # a clock that is a year off puts nothing elsewhere
    plain = observation(2, shared)
    late = plain._replace(envelope=plain.envelope._replace(made_at=made_at))
    for order in permutations((first, late)):
        (row,) = project(*order).values()
        item = item_of(row)
        changed = late.envelope.occurred_at
        assert (item.changed_at, item.made_at, item.at) == (changed, made_at, AT)
    for order in permutations((first, late, later)):
        (row,) = project(*order).values()
        assert item_of(row).made_at is None


def test_what_is_on_a_card_is_on_the_timeline_too() -> None:
    told = FOLDS.keys() - {*planning_entries.TYPES}  # which is on no card
    others = (CALENDAR, ORGS, PROGRAMS, dict.fromkeys(flag_answers.TYPES))
    assert told == CARDS.keys() - {each for some in others for each in some}


def held(version: int, *teachers: str, key: str = "north:t1") -> Event:
    said = sessions.CoachingSessionSnapshot(
        coaching_session_id="s1",
        coach_id="c1",
        teacher_ids=teachers,
        school_year=2027,
        state=sessions.COACHING_SESSION_STATE_HELD,
        minutes=60,
        activities=[
            sessions.TimeSpent(activity="observe", minutes=40),
            sessions.TimeSpent(activity="debrief", minutes=20),
        ],
    )
    said.starts_at.FromDatetime(AT)
    message = sessions.CoachingSessionHeld(coaching_session=said)
    return event(message, "s1", version, key=key)


def test_a_session_is_an_item_of_each_whom_it_is_of_and_its_coach_alone_sees_it() -> None:
    for teacher in ("t1", "t2"):
        (row,) = project(held(1, "t1", "t2", key=f"north:{teacher}")).values()
        assert (row["teacher"], row["listed"]) == (teacher, True)
        assert (row["open"], row["of"]) == (False, "c1")
        item = item_of(row)
        assert isinstance(item.said, CoachingTime)
        assert (item.said.minutes, item.said.activities) == (60, "observe debrief")
        assert [step.value for step, _ in item.steps] == ["held"]


@pytest.mark.parametrize("missed", [False, True])
def test_one_that_was_voided_was_held_only_where_it_was_not_missed(missed: bool) -> None:
    voided = held(1, "t1")
    message: Any = voided.message
    message.coaching_session.state = sessions.COACHING_SESSION_STATE_VOIDED
    if missed:
        message.coaching_session.ClearField("activities")
    (row,) = project(voided).values()
    assert [step.value for step, _ in item_of(row).steps] == ["scheduled" if missed else "held"]


def test_who_has_left_a_session_has_no_item_of_it_any_more() -> None:
    (row,) = project(held(1, "t1", "t2"), held(2, "t2")).values()
    assert not row["listed"]
    assert facts_in(row, "coaching_session") == []


def test_time_without_teachers_is_on_no_timeline() -> None:
    assert project(held(1, key="north:s1")) == {}
    assert row_of_parked(held(1, key="north:s1").envelope) == []


def test_the_newest_version_wins_in_every_order() -> None:
    events = [
        observation(1, observations.OBSERVATION_STATE_SCHEDULED),
        observation(2, observations.OBSERVATION_STATE_COMPLETED, completed_at=1),
        observation(3, observations.OBSERVATION_STATE_SHARED, completed_at=1, shared_at=2),
    ]
    for order in permutations([*events, events[1]]):
        (row,) = project(*order).values()
        assert row["_id"] == "north:t1:observation:o1"
        assert (row["at"], row["listed"], row["open"], row["of"]) == (AT, True, True, "c1")
        item = item_of(row)
        assert item.said is not None
        assert item.said.state is State.SHARED
        assert [step.value for step, _ in item.steps] == ["scheduled", "completed", "shared"]


def test_an_observation_is_its_observers_until_it_is_shared() -> None:
    (row,) = project(observation(1, observations.OBSERVATION_STATE_COMPLETED)).values()
    assert (row["open"], row["of"]) == (False, "c1")


def test_a_row_that_only_a_parked_event_made_is_nobodys_but_the_teachers() -> None:
    for kind in ItemKind:
        found = timeline_fields(new_row(f"north:t1:{kind.value}:x", "north"))
        opened = kind in (ItemKind.GOAL, ItemKind.SURVEY, ItemKind.TRIAL)
        kept = {"kind": kind.value, "at": NEVER, "listed": True, "open": opened, "of": ""}
        assert found == {"teacher": "t1", **kept}


@pytest.mark.parametrize(
    ("kind", "person", "shared", "sight"),
    [
        (ItemKind.GOAL, "", False, Sight(open=True)),
        (ItemKind.SURVEY, "", False, Sight(open=True)),
        (ItemKind.TRIAL, "", False, Sight(open=True)),
        (ItemKind.RELATIONSHIP, "c1", False, Sight(of="c1")),
        (ItemKind.COACHING_SESSION, "c1", False, Sight(of="c1")),
        (ItemKind.PLANNING_ENTRY, "c1", False, Sight(of="c1")),
        (ItemKind.PLANNING_ENTRY, "", False, Sight()),
        (ItemKind.OBSERVATION, "c1", False, Sight(of="c1")),
        (ItemKind.OBSERVATION, "c1", True, Sight(open=True, of="c1")),
    ],
)
def test_who_sees_an_item(kind: ItemKind, person: str, shared: bool, sight: Sight) -> None:
    assert sight_of(kind, person, shared) == sight


def test_what_a_teacher_shows_is_known_by_its_work() -> None:
    assert kinds_shown(ALL_WORK) == frozenset(ItemKind)
    both = {ItemKind.RELATIONSHIP, ItemKind.COACHING_SESSION, ItemKind.PLANNING_ENTRY}
    assert kinds_shown(["administration"]) == {ItemKind.SURVEY, *both}
    assert kinds_shown(["lesson plans"]) == both


def test_a_parked_event_marks_its_item() -> None:
    envelope = observation(1, observations.OBSERVATION_STATE_SHARED).envelope
    assert row_of_parked(envelope) == [(TIMELINE, "north:t1:observation:o1")]
    assert row_of_parked(envelope._replace(key="t1")) == []
    assert row_of_parked(envelope._replace(type="coaching.roster.v1.PersonUpserted")) == []


def test_a_place_is_an_aggregate_of_a_kind() -> None:
    one = observation(1, observations.OBSERVATION_STATE_SHARED).envelope
    other = one._replace(type="coaching.observations.v1.ObservationScheduled", version=2)
    place = PROJECTION.place
    assert place(one) == place(other) != place(one._replace(aggregate_id="o2"))
    assert place(one._replace(type="coaching.roster.v1.PersonUpserted")) is None


def test_what_is_about_another_teacher_is_invalid() -> None:
    told = observation(1, observations.OBSERVATION_STATE_SHARED)
    with pytest.raises(InvalidEvent):
        FOLDS[told.envelope.type](Event(told.envelope._replace(key="north:t2"), told.message))


@pytest.mark.parametrize(
    "example", [e for e in golden_events("goals") if len(e.keys) > 1 and e.type in FOLDS]
)
def test_whose_it_was_before_has_no_item_of_it_any_more(example: Any) -> None:
    message: Any = message_class(example.type).FromString(example.data)
    (kind,) = (field.name for field in message.DESCRIPTOR.fields)
    before = f"north:{getattr(message, kind).transferred_from_id}"
    assert before == example.keys[1]
    (row,) = project(event(message, "a", 2, key=before, year=example.year)).values()
    assert not row["listed"]
    assert facts_in(row, kind) == []
    stranger = event(message, "a", 2, key="north:teacher-9", year=example.year)
    with pytest.raises(InvalidEvent):
        FOLDS[example.type](stranger)


EXAMPLES = [
    pytest.param(example, id=example.type)
    for name in ("goals", "programs", "surveys", "observations")
    for example in golden_events(name)
    if example.type in FOLDS and example.type not in enrollments.TYPES  # they are no item
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_golden_example_is_an_item(example: Any) -> None:
    message = message_class(example.type).FromString(example.data)
    key, *_ = example.keys
    district = key.partition(":")[0]
    told = event(message, "a", 1, key=key, district=district, year=example.year)
    (row,) = project(told).values()
    assert row["at"] != NEVER
    if example.type.endswith(
        ("RelationshipTransferred", "Erased", "EntryRestated")
    ):  # gone, or another is there
        assert not row["listed"]
        assert facts_in(row, row["kind"]) == []
        return
    item = item_of(row)
    assert item.said is not None
    assert item.steps
    assert item.said.school_year == example.year


def test_who_is_not_told_of_comments_is_told_that_a_goal_changed_when_the_newest_was_seen() -> None:
    """And not when a device made it, which may be the comment's own instant."""
    said = Goal("g", State.ACTIVE, 2027, "", "", drafted_at=AT, activated_at=AT + timedelta(1))
    said = replace(said, commented_at=AT + timedelta(3))
    item = TimelineItem(ItemKind.GOAL, "g", AT, AT + timedelta(3), AT + timedelta(2), said)
    assert as_seen_by(kinds_shown(ALL_WORK), True, item) == item
    seen = as_seen_by(kinds_shown(ALL_WORK), False, item)
    assert (seen.changed_at, seen.made_at) == (AT + timedelta(1), None)
    assert [step.value for step, _ in seen.steps] == ["drafted", "activated"]
