"""A district's events as its services publish them: made up, but of the real messages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.goals.v1 import trial_events_pb2 as trials
from coaching.goals.v1 import walk_events_pb2 as walks
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from coaching.programs.v1 import planning_entry_events_pb2 as entries
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import JournalEntry

DISTRICT = "bench"
YEAR = 2027
CASELOAD = 25
START = datetime(2026, 9, 1, 8, tzinfo=UTC)
GOALS, OBSERVATIONS, SURVEYS, SESSIONS, TRIALS, WALKS = 3, 4, 3, 8, 3, 1  # of each teacher


@dataclass(frozen=True, slots=True)
class Said:
    """An event and the service that published it."""

    service: str
    entry: JournalEntry


def teacher_id(number: int) -> str:
    return f"teacher-{number:06d}"


def coach_of(number: int) -> str:
    return f"coach-{number // CASELOAD:05d}"


def history(teachers: int, events: int, seed: int = 1) -> Iterator[Said]:
    """Every teacher's person and relationship first, then work in random order: of 100 events 45
    are of goals, 18 of observations, 11 of surveys, 11 of sessions, 8 comments on trials, 4 entries
    of planning records and 3 steps of walks. Every event is a new version, so each changes a card,
    but for entries and walks, of which no card tells."""
    chance = random.Random(seed)
    for number in range(teachers):
        yield _person(number)
    for number in range(teachers):
        yield _relationship(number)
    versions: dict[tuple[int, str], int] = {}
    for count in range(events - 2 * teachers):
        number = chance.randrange(teachers)
        ((kind, make, most, _),) = chance.choices(_KINDS, _WEIGHTS)
        aggregate = f"{kind}-{number:06d}-{chance.randrange(most) if most else count}"
        version = versions[number, aggregate] = versions.get((number, aggregate), 0) + 1
        yield make(number, aggregate, version, START + timedelta(seconds=count))


def _said(
    service: str,
    number: int,
    aggregate: str,
    version: int,
    at: datetime,
    message: Message,
    of: str = "",
) -> Said:
    event = PendingEvent(
        version=version,
        event_id=f"{aggregate}:{version}",
        type=message.DESCRIPTOR.full_name,
        keys=(f"{DISTRICT}:{of or teacher_id(number)}",),
        data=message.SerializeToString(),
        occurred_at=at,
        year=YEAR,
        correlation=f"c-{number}-{version}",
    )
    return Said(service, JournalEntry(aggregate, DISTRICT, event))


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def people(teachers: int) -> Iterator[Said]:
    """The roster's events of so many teachers and their coaches."""
    for number in range(teachers):
        yield _person(number)
    for number in range(0, teachers, CASELOAD):
        yield _person(number, coach_of(number), "ext:coach")


def _person(number: int, coach: str = "", role: str = "teacher") -> Said:
    who = coach or teacher_id(number)
    person = roster.Person(
        person_id=who,
        given_name=f"Given{number}",
        family_name=f"Family{number}",
        roles=[roster.RoleAssignment(role=role, org_id=f"school-{number % 40}")],
        school_years=[YEAR],
        status=roster.RECORD_STATUS_ACTIVE,
    )
    message = roster.PersonUpserted(person=person)
    return _said("roster", number, who, 1, START, message, of=who)


def _relationship(number: int) -> Said:
    aggregate = f"relationship-{number:06d}"
    relationship = relationships.RelationshipSnapshot(
        relationship_id=aggregate,
        coach_id=coach_of(number),
        teacher_id=teacher_id(number),
        school_year=YEAR,
        state=relationships.RELATIONSHIP_STATE_ACTIVE,
        proposed_by=coach_of(number),
        proposed_at=_stamp(START),
        accepted_at=_stamp(START),
    )
    message = relationships.RelationshipAccepted(relationship=relationship)
    return _said("programs", number, aggregate, 2, START, message)


def _goal(number: int, aggregate: str, version: int, at: datetime) -> Said:
    goal = goals.GoalSnapshot(
        goal_id=aggregate,
        teacher_id=teacher_id(number),
        school_year=YEAR,
        state=goals.GOAL_STATE_ACTIVE,
        revision=1,
        focus_skill="questioning",
        measure_id="student-talk-share",
        unit="percent",
        direction=goals.DIRECTION_INCREASE,
        baseline=35,
        target=60,
        due_date="2027-03-31",
        current=35 + version % 25,
        previous=34 + version % 25,
        progress_count=version,
        last_progress_at=_stamp(at),
        drafted_at=_stamp(START),
        activated_at=_stamp(START),
    )
    return _said("goals", number, aggregate, version, at, goals.GoalProgressRecorded(goal=goal))


def _observation(number: int, aggregate: str, version: int, at: datetime) -> Said:
    observation = observations.ObservationSnapshot(
        observation_id=aggregate,
        observer_id=coach_of(number),
        teacher_id=teacher_id(number),
        tool_id="classroom-talk",
        school_year=YEAR,
        state=observations.OBSERVATION_STATE_SHARED,
        setting="live",
        scheduled_for=_stamp(START),
        completed_at=_stamp(at),
        shared_at=_stamp(at),
        scores=[
            observations.Score(criterion_id=f"c{index}", score=2, scale_min=1, scale_max=4)
            for index in range(4)
        ],
    )
    message = observations.ObservationShared(observation=observation)
    return _said("observations", number, aggregate, version, at, message)


def _survey(number: int, aggregate: str, version: int, at: datetime) -> Said:
    administration = surveys.AdministrationSnapshot(
        administration_id=aggregate,
        instrument_id="how-class-felt",
        teacher_id=teacher_id(number),
        class_id=f"class-{number}",
        school_year=YEAR,
        state=surveys.ADMINISTRATION_STATE_CLOSED,
        expected_n=28,
        scheduled_at=_stamp(START),
        opened_at=_stamp(START),
        closed_at=_stamp(at),
        results=surveys.Results(
            small_n=10,
            n=20 + version % 8,
            n_min=20 + version % 8,
            n_max=29,
            favorable_share=0.5,
            items=[
                surveys.ItemResult(
                    item_id=f"i{index}", n=20, n_min=20, n_max=29, favorable_share=0.5
                )
                for index in range(4)
            ],
        ),
    )
    message = surveys.AdministrationClosed(administration=administration)
    return _said("surveys", number, aggregate, version, at, message)


def _session(number: int, aggregate: str, version: int, at: datetime) -> Said:
    session = sessions.CoachingSessionSnapshot(
        coaching_session_id=aggregate,
        coach_id=coach_of(number),
        teacher_ids=[teacher_id(number)],
        kind="individual",
        school_year=YEAR,
        state=sessions.COACHING_SESSION_STATE_HELD,
        starts_at=_stamp(at),
        scheduled_at=_stamp(START),
        recorded_at=_stamp(at),
        modality="in_person",
        minutes=30,
        activities=[sessions.TimeSpent(activity="debrief", minutes=30)],
        invited=1,
    )
    message = sessions.CoachingSessionHeld(coaching_session=session)
    return _said("programs", number, aggregate, version, at, message)


def _comment(number: int, aggregate: str, version: int, at: datetime) -> Said:
    trial = trials.TrialSnapshot(
        trial_id=aggregate,
        teacher_id=teacher_id(number),
        school_year=YEAR,
        state=trials.TRIAL_STATE_TRIED,
        goal_id=f"goal-{number:06d}-0",
        planned_by=coach_of(number),
        planned_at=_stamp(START),
        agreed_at=_stamp(START),
        tried_at=_stamp(at),
        comment_count=version % 20,
    )
    message = trials.TrialCommented(trial=trial)
    return _said("goals", number, aggregate, version, at, message)


def _walk(number: int, aggregate: str, version: int, at: datetime) -> Said:
    walk = walks.WalkSnapshot(
        walk_id=aggregate,
        teacher_id=teacher_id(number),
        school_year=YEAR,
        state=walks.WALK_STATE_UNDERWAY,
        tree_id="mathematics-discussion",
        at_step_id="safety",
        answers=[walks.WalkAnswer(step_id=f"s{index}", answer_id="a") for index in range(3)],
        started_by=teacher_id(number),
        started_at=_stamp(START),
    )
    return _said("goals", number, aggregate, version, at, walks.WalkAnswered(walk=walk))


def _entry(number: int, aggregate: str, version: int, at: datetime) -> Said:
    entry = entries.PlanningEntrySnapshot(
        planning_entry_id=aggregate,
        relationship_id=f"relationship-{number:06d}",
        school_year=YEAR,
        number=version,
        kind="reflect",
        author_id=coach_of(number),
        teacher_id=teacher_id(number),
        coach_id=coach_of(number),
        written_at=_stamp(at),
    )
    message = entries.PlanningEntryWritten(planning_entry=entry)
    return _said("programs", number, aggregate, version, at, message)


# How many of each a teacher has (0: each event is of another one), and how often one is told of.
_KINDS: list[tuple[str, Callable[[int, str, int, datetime], Said], int, int]] = [
    ("goal", _goal, GOALS, 45),
    ("observation", _observation, OBSERVATIONS, 18),
    ("survey", _survey, SURVEYS, 11),
    ("session", _session, SESSIONS, 11),
    ("trial", _comment, TRIALS, 8),
    ("entry", _entry, 0, 4),
    ("walk", _walk, WALKS, 3),
]
_WEIGHTS = [weight for *_, weight in _KINDS]
