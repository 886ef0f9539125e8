"""A small projection over goal and relationship events, and records to feed it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goal_events
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.log.envelope import Envelope, PendingEvent, Record, headers_of
from services.chassis.log.memory_log import MemoryLog
from services.chassis.views.batch import Limits
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.parking import ParkingLimits
from services.chassis.views.projection import Event, Fact, Projection, Row
from services.chassis.views.projector import Timing

GOALS, ROSTER = "test.goals.v1", "test.roster.v1"
PROGRESS = "coaching.goals.v1.GoalProgressRecorded"
ACCEPTED = "coaching.programs.v1.RelationshipAccepted"
START = datetime(2026, 9, 1, tzinfo=UTC)

# For a projector in memory: many batches of few records, no waiting, parking without end.
LENIENT = ParkingLimits(share=1.0, most=10_000)
SMALL = Limits(records=7, burst=40, behind=5, rows=3, cache_bytes=8_000, parking=LENIENT)
FAST = Timing(wait=0, backoff=(0.0001, 0.001))


def fold_progress(event: Event) -> Sequence[Fact]:
    message = event.message
    assert isinstance(message, goal_events.GoalProgressRecorded)
    goal = message.goal
    if goal.progress_count < 0:
        raise InvalidEvent("progress_count is negative")
    value = {"focus": goal.focus_skill, "current": goal.current, "count": goal.progress_count}
    return [Fact("cards", event.envelope.key, "goals", goal.goal_id, value)]


def fold_accepted(event: Event) -> Sequence[Fact]:
    message = event.message
    assert isinstance(message, relationships.RelationshipAccepted)
    relationship = message.relationship
    value = {"coach": relationship.coach_id}
    id_ = relationship.relationship_id
    return [Fact("cards", event.envelope.key, "relationships", id_, value)]


def derive_card(row: Row) -> Mapping[str, Any]:
    goals = row["facts"].get("goals", {})
    coaches = sorted({one["coach"] for one in row["facts"].get("relationships", {}).values()})
    return {"goal_count": len(goals), "coaches": coaches}


def row_of(envelope: Envelope) -> Sequence[tuple[str, str]]:
    return [("cards", envelope.key)]


def goal_cards(topics: Sequence[str] = (GOALS, ROSTER), group: str = "cards-test") -> Projection:
    return Projection(
        group=group,
        topics=tuple(topics),
        folds={PROGRESS: fold_progress, ACCEPTED: fold_accepted},
        derive={"cards": derive_card},
        row_of_parked=row_of,
        singles=frozenset((fold_progress, fold_accepted)),
        dated=True,
        collections=("cards",),
    )


def progress(
    teacher: str, goal: str, version: int, *, count: int | None = None, focus: str = ""
) -> PendingEvent:
    snapshot = goal_events.GoalSnapshot(
        goal_id=goal,
        teacher_id=teacher,
        focus_skill=focus or f"skill-{version}",
        current=float(version),
        progress_count=version if count is None else count,
    )
    message = goal_events.GoalProgressRecorded(goal=snapshot)
    return pending(PROGRESS, goal, teacher, version, message.SerializeToString())


def elsewhere(event: PendingEvent) -> PendingEvent:
    """The same about somebody of another district."""
    return replace(event, keys=(event.keys[0].replace("d1:", "d2:"),))


def accepted(teacher: str, relationship: str, version: int) -> PendingEvent:
    snapshot = relationships.RelationshipSnapshot(
        relationship_id=relationship, teacher_id=teacher, coach_id=f"coach-{version}"
    )
    message = relationships.RelationshipAccepted(relationship=snapshot)
    return pending(ACCEPTED, relationship, teacher, version, message.SerializeToString())


def pending(type_: str, aggregate: str, teacher: str, version: int, data: bytes) -> PendingEvent:
    return PendingEvent(
        version=version,
        event_id=f"{aggregate}:{version}",
        type=type_,
        keys=(f"d1:{teacher}",),
        data=data,
        occurred_at=START + timedelta(minutes=version),
    )


def parts(aggregate: str, event: PendingEvent) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of the record that publishes an event."""
    key = event.keys[0]
    district = key.partition(":")[0]
    headers = headers_of(event, source="/test", district=district, aggregate_id=aggregate, key=key)
    return key.encode(), event.data, headers


def put(
    log: MemoryLog, topic: str, aggregate: str, event: PendingEvent, value: bytes | None = None
) -> Record:
    """Publish an event, or another value in its place, on a log in memory."""
    key, data, headers = parts(aggregate, event)
    return log.append(topic, key, data if value is None else value, headers)


def all_records(log: MemoryLog, projection: Projection) -> list[Record]:
    return [record for topic in projection.topics for record in log.all(topic)]


Mixed = tuple[str, str, PendingEvent, bytes | None]


def mixed_events(chance: random.Random, count: int, teachers: int = 5) -> list[Mixed]:
    """(topic, aggregate, event, broken value or None): versions in order, with duplicates
    and late old versions in between, and now and then a value that is no message."""
    versions: dict[tuple[str, str], int] = {}
    made: list[Mixed] = []
    for _ in range(count):
        if made and chance.random() < 0.2:
            made.append(chance.choice(made))
            continue
        teacher, number = f"t{chance.randrange(teachers)}", chance.randrange(4)
        goal = chance.random() < 0.7
        aggregate = f"{'goal' if goal else 'rel'}-{teacher}-{number}"
        version = versions.get((teacher, aggregate), 0) + 1
        versions[teacher, aggregate] = version
        make, topic = (progress, GOALS) if goal else (accepted, ROSTER)
        broken = b"\xff\xff" if chance.random() < 0.03 else None
        made.append((topic, aggregate, make(teacher, aggregate, version), broken))
    return made
