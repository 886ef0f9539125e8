"""What each event does to a card: pure, newest wins, complete."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from google.protobuf.message import Message

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access.stated_days import session_of, stated_in
from services.assembly.registry import WRITE_SERVICES
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event, Row, apply_fact, derived, new_row
from services.insights.caseload.cards import card_of
from services.insights.caseload.domain.card import GoalState
from services.insights.caseload.fold import FOLDS, insights_projection, row_of_parked
from services.insights.caseload.ignored import IGNORED
from tests.support.golden import event_files, golden_events, message_class

AT = datetime(2026, 10, 5, 15, tzinfo=UTC)
PROJECTION = insights_projection()


def event(message: Message, id: str, version: int, **more: Any) -> Event:
    fields = {"key": "north:t1", "district": "north", "year": 2027, **more}
    return Event(
        Envelope(
            event_id=f"{id}:{version}",
            type=message.DESCRIPTOR.full_name,
            aggregate_id=id,
            version=version,
            occurred_at=AT + timedelta(minutes=version),
            **fields,
        ),
        message,
    )


def project(rows: dict[str, Row], *events: Event) -> dict[str, Row]:
    for each in events:
        for fact in FOLDS[each.envelope.type](each):
            row = rows.setdefault(fact.row, new_row(fact.row, each.envelope.district))
            apply_fact(row, fact, each.envelope)
            derived(PROJECTION, fact.collection, row)
    return rows


def goal(version: int, **more: Any) -> Event:
    snapshot = goals.GoalSnapshot(
        goal_id="g1",
        teacher_id="t1",
        school_year=2027,
        state=goals.GOAL_STATE_ACTIVE,
        direction=goals.DIRECTION_INCREASE,
        baseline=10,
        target=20,
        current=10.0 + version,
        **more,
    )
    return event(goals.GoalProgressRecorded(goal=snapshot), "g1", version)


def relationship(version: int, coach: str, state: Any, id: str = "r1") -> Event:
    snapshot = relationships.RelationshipSnapshot(
        relationship_id=id, coach_id=coach, teacher_id="t1", school_year=2027, state=state
    )
    return event(relationships.RelationshipAccepted(relationship=snapshot), id, version)


def test_every_published_event_is_folded_or_ignored_with_a_reason() -> None:
    published = {
        descriptor.full_name
        for events in event_files()
        for descriptor in events.DESCRIPTOR.message_types_by_name.values()
        if len(descriptor.fields) == 1 and descriptor.fields[0].message_type is not None
    }
    assert set(FOLDS) | set(IGNORED) == published
    assert not set(FOLDS) & set(IGNORED)
    assert all(IGNORED.values())


def test_the_newest_version_wins_in_every_order() -> None:
    for order in permutations([goal(1), goal(2), goal(3), goal(2)]):
        (row,) = project({}, *order).values()
        assert card_of(row).goals[0].current == 13


def test_a_card_knows_its_active_coaches() -> None:
    active, ended = relationships.RELATIONSHIP_STATE_ACTIVE, relationships.RELATIONSHIP_STATE_ENDED
    rows = project({}, relationship(1, "c1", relationships.RELATIONSHIP_STATE_PROPOSED))
    row = rows["north:t1:2027"]
    assert row["coaches"] == []
    project(rows, relationship(2, "c1", active), relationship(1, "c2", active, "r2"))
    assert row["coaches"] == ["c1", "c2"]
    project(rows, relationship(3, "c1", ended))
    assert row["coaches"] == ["c2"]
    assert row["newest_event_at"] == AT + timedelta(minutes=3)
    assert (row["teacher"], row["school_year"]) == ("t1", 2027)


def test_a_suppressed_survey_shows_no_number() -> None:
    said = surveys.AdministrationSnapshot(
        administration_id="a1",
        teacher_id="t1",
        school_year=2027,
        state=surveys.ADMINISTRATION_STATE_CLOSED,
        results=surveys.Results(suppressed=True, small_n=10),
    )
    said.closed_at.FromDatetime(AT)
    (row,) = project({}, event(surveys.AdministrationClosed(administration=said), "a1", 3)).values()
    survey = card_of(row).surveys[0]
    assert (survey.suppressed, survey.small_n, survey.n_max, survey.favorable_share) == (
        True,
        10,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("results", "band"),
    [
        (surveys.Results(n=10, n_min=10, n_max=14, favorable_share=0.8), (10, 14)),
        (surveys.Results(n=12, favorable_share=0.8), (12, 12)),  # from before there were bands
    ],
)
def test_a_survey_shows_how_many_answered_as_a_band(
    results: surveys.Results, band: tuple[int, int]
) -> None:
    said = surveys.AdministrationSnapshot(
        administration_id="a1", teacher_id="t1", school_year=2027, results=results
    )
    (row,) = project({}, event(surveys.AdministrationClosed(administration=said), "a1", 3)).values()
    survey = card_of(row).surveys[0]
    assert ((survey.n_min, survey.n_max), survey.favorable_share) == (band, 0.8)


def test_a_survey_that_is_taken_back_is_on_no_card_and_a_reopened_one_is_open() -> None:
    def said(state: Any) -> surveys.AdministrationSnapshot:
        found = surveys.AdministrationSnapshot(
            administration_id="a1", teacher_id="t1", school_year=2027, goal_id="g1", state=state
        )
        found.opened_at.FromDatetime(AT)
        return found

    shut = said(surveys.ADMINISTRATION_STATE_CLOSED)
    shut.closed_at.FromDatetime(AT)
    shut.results.CopyFrom(surveys.Results(suppressed=True, small_n=10))
    rows = project({}, event(surveys.AdministrationClosed(administration=shut), "a1", 3))
    again = said(surveys.ADMINISTRATION_STATE_OPEN)
    rows = project(rows, event(surveys.AdministrationReopened(administration=again), "a1", 4))
    (survey,) = card_of(next(iter(rows.values()))).surveys
    assert (survey.opened_at, survey.closed_at, survey.suppressed) == (AT, None, False)
    gone = said(surveys.ADMINISTRATION_STATE_CANCELLED)
    rows = project(rows, event(surveys.AdministrationCancelled(administration=gone), "a1", 5))
    assert card_of(next(iter(rows.values()))).surveys == ()
    rows = project(rows, event(surveys.AdministrationClosed(administration=shut), "a1", 3))
    assert card_of(next(iter(rows.values()))).surveys == ()


def test_a_goal_that_is_withdrawn_and_an_observation_that_is_cancelled_are_on_no_card() -> None:
    goal = goals.GoalSnapshot(
        goal_id="g1", teacher_id="t1", school_year=2027, state=goals.GOAL_STATE_DRAFT
    )
    seen = observations.ObservationSnapshot(
        observation_id="o1",
        teacher_id="t1",
        school_year=2027,
        observer_id="c1",
        state=observations.OBSERVATION_STATE_SCHEDULED,
    )
    rows = project(
        {},
        event(goals.GoalDrafted(goal=goal), "g1", 1),
        event(observations.ObservationScheduled(observation=seen), "o1", 1),
    )
    card = card_of(next(iter(rows.values())))
    assert (len(card.goals), len(card.observations)) == (1, 1)
    goal.state = goals.GOAL_STATE_WITHDRAWN
    seen.state = observations.OBSERVATION_STATE_CANCELLED
    rows = project(
        rows,
        event(goals.GoalWithdrawn(goal=goal), "g1", 2),
        event(observations.ObservationCancelled(observation=seen), "o1", 2),
    )
    card = card_of(next(iter(rows.values())))
    assert (card.goals, card.observations) == ((), ())


def test_an_observation_brings_no_score_to_the_card() -> None:
    said = observations.ObservationSnapshot(
        observation_id="o1",
        teacher_id="t1",
        school_year=2027,
        state=observations.OBSERVATION_STATE_SHARED,
        scores=[observations.Score(criterion_id="c", score=4, scale_min=1, scale_max=5)],
    )
    (fact,) = FOLDS["coaching.observations.v1.ObservationShared"](
        event(observations.ObservationShared(observation=said), "o1", 4)
    )
    assert not {"score", "scores"} & fact.value.keys()


def session(version: int, status: Any, starts: str = "2026-09-01") -> Event:
    said = roster.AcademicSession(
        session_id="s1",
        type="term",
        start_date=starts,
        end_date="2026-12-19",
        school_year=2027,
        status=status,
    )
    return event(
        roster.AcademicSessionUpserted(session=said), "s1", version, key="north:s1", year=0
    )


def test_a_session_is_a_row_of_its_own_until_it_is_removed() -> None:
    rows = project({}, session(1, roster.RECORD_STATUS_ACTIVE))
    found = session_of(rows["north:s1"])
    assert found is not None
    assert found[0] == 2027
    project(rows, session(2, roster.RECORD_STATUS_REMOVED))
    assert session_of(rows["north:s1"]) is None


def school_calendar(
    version: int,
    *spans: tuple[str, str],
    year: int = 2027,
    school: str = "",
    special: dict[roster.DayType.ValueType, tuple[str, str]] | None = None,
    terms: tuple[tuple[str, str], ...] = (),
) -> Event:
    said = roster.SchoolCalendar(
        school_year=year,
        school_org_id=school,
        days_without_school=[roster.DateSpan(first_date=a, last_date=b) for a, b in spans],
        special_days=[
            roster.DaysOfType(first_date=first, last_date=last, day_type=kind)
            for kind, (first, last) in (special or {}).items()
        ],
        terms=[roster.DateSpan(first_date=first, last_date=last) for first, last in terms],
    )
    message = roster.SchoolCalendarStated(calendar=said)
    return event(message, "c", version, key="north:calendar-2027", year=2027)


def test_stated_days_are_a_row_for_each_school_year() -> None:
    rows = project({}, school_calendar(1, ("2026-11-11", "2026-11-11")))
    project(rows, school_calendar(2, ("2026-11-26", "2026-11-27"), ("2027-06-30", "2027-06-30")))
    (found,) = stated_in(rows["north:calendar-2027"])
    thanksgiving = (date(2026, 11, 26), date(2026, 11, 27))
    assert found.closed == (thanksgiving, (date(2027, 6, 30), date(2027, 6, 30)))
    project(rows, school_calendar(3))
    (found,) = stated_in(rows["north:calendar-2027"])
    assert (found.closed, found.opened, found.terms) == ((), (), ())


def test_students_are_taught_on_half_days_and_not_while_they_are_tested() -> None:
    special = {
        roster.DAY_TYPE_INSTRUCTIONAL: ("2026-10-03", "2026-10-03"),
        roster.DAY_TYPE_HALF_DAY: ("2026-12-18", "2026-12-18"),
        roster.DAY_TYPE_TESTING: ("2027-04-12", "2027-04-16"),
        roster.DAY_TYPE_PROFESSIONAL_LEARNING: ("2026-08-10", "2026-08-14"),
        roster.DAY_TYPE_UNSPECIFIED: ("2027-01-04", "2027-01-04"),  # or one of a newer build
    }
    terms = (("2026-08-17", "2026-12-18"),)
    rows = project({}, school_calendar(1, school="s1", special=special, terms=terms))
    (found,) = stated_in(rows["north:calendar-2027"])
    assert (found.school, found.school_year) == ("s1", 2027)
    assert {first for first, _ in found.opened} == {date(2026, 10, 3), date(2026, 12, 18)}
    assert {first for first, _ in found.closed} == {date(2027, 4, 12), date(2026, 8, 10)}
    assert found.terms == ((date(2026, 8, 17), date(2026, 12, 18)),)


def test_what_an_older_build_has_stored_is_of_the_district() -> None:
    rows = project({}, school_calendar(1, ("2026-11-11", "2026-11-11")))
    row = rows["north:calendar-2027"]
    (value,) = row["facts"]["closed"].values()
    for name in ("school", "closed", "opened", "terms"):
        del value[name]
    (found,) = stated_in(row)
    assert (found.school, found.closed) == ("", ((date(2026, 11, 11), date(2026, 11, 11)),))


@pytest.mark.parametrize(
    "broken",
    [
        goal(1, due_date="tomorrow"),
        school_calendar(1, ("2026-11-11", "soon")),
        school_calendar(1, ("2026-11-27", "2026-11-26")),
        school_calendar(1, ("2026-06-30", "2026-07-01")),
        school_calendar(1, ("2027-06-30", "2027-07-01")),
        school_calendar(1, ("2026-11-11", "2026-11-11"), year=2101),
        school_calendar(1, terms=(("2026-06-30", "2026-07-01"),)),
        school_calendar(1, special={roster.DAY_TYPE_TESTING: ("2027-07-01", "2027-07-01")}),
        session(1, roster.RECORD_STATUS_ACTIVE, starts="2026-13-01"),
        session(1, roster.RECORD_STATUS_ACTIVE, starts="2026-12-19"),
        event(goals.GoalDrafted(goal=goals.GoalSnapshot(teacher_id="t1")), "g1", 1),
        event(
            goals.GoalDrafted(
                goal=goals.GoalSnapshot(
                    teacher_id="t2", school_year=2027, state=goals.GOAL_STATE_DRAFT
                )
            ),
            "g1",
            1,
        ),
        relationship(1, "c1", relationships.RELATIONSHIP_STATE_ACTIVE),
    ],
)
def test_what_cannot_be_is_invalid(broken: Event) -> None:
    if isinstance(broken.message, relationships.RelationshipAccepted):
        broken.message.relationship.accepted_at.seconds = 10**15
    with pytest.raises(InvalidEvent):
        FOLDS[broken.envelope.type](broken)


def test_a_parked_event_marks_its_card_where_it_has_one() -> None:
    assert row_of_parked(goal(1).envelope) == [("cards", "north:t1:2027")]
    assert row_of_parked(goal(1).envelope._replace(year=0)) == []
    assert row_of_parked(session(1, 1).envelope) == [("calendars", "north:s1")]
    assert row_of_parked(school_calendar(1).envelope) == [("calendars", "north:calendar-2027")]


EXAMPLES = [
    pytest.param(example, id=example.type)
    for name in WRITE_SERVICES
    for example in golden_events(name)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_golden_example_projected_twice_is_the_same_card(example: Any) -> None:
    if example.type in IGNORED:
        return
    (key, *_) = example.keys
    message = message_class(example.type).FromString(example.data)
    told = event(
        message,
        "aggregate-1",
        1,
        key=key,
        district=key.partition(":")[0],
        year=example.year,
    )
    once = project({}, told)
    assert once
    twice = project(project({}, told), told)
    assert once == twice
    for row_id, row in once.items():
        if row_id.count(":") == 2:
            assert card_of(row).teacher == key.partition(":")[2]


def test_shuffled_events_of_a_goal_and_a_relationship_end_on_one_card() -> None:
    events = [goal(n) for n in range(1, 6)] + [
        relationship(n, f"c{n}", relationships.RELATIONSHIP_STATE_ACTIVE) for n in range(1, 4)
    ]
    expected = project({}, *events)
    for seed in range(20):
        shuffled = events * 2
        random.Random(seed).shuffle(shuffled)
        assert project({}, *shuffled) == expected
    assert card_of(expected["north:t1:2027"]).goals[0].state is GoalState.ACTIVE
