"""A small projection over goal and relationship events, and records to feed it."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.goals.v1 import events_pb2
from services.chassis.decode import InvalidEvent
from services.chassis.documents import PendingEvent
from services.chassis.envelope import Envelope, Record, headers_of
from services.chassis.projection import Event, Fact, Projection, Row

GOALS, ROSTER = "test.goals.v1", "test.roster.v1"
PROGRESS = "coaching.goals.v1.GoalProgressRecorded"
ACCEPTED = "coaching.goals.v1.RelationshipAccepted"
START = datetime(2026, 9, 1, tzinfo=UTC)


def fold_progress(event: Event) -> Sequence[Fact]:
    message = event.message
    assert isinstance(message, events_pb2.GoalProgressRecorded)
    goal = message.goal
    if goal.progress_count < 0:
        raise InvalidEvent("progress_count is negative")
    value = {"focus": goal.focus_skill, "current": goal.current, "count": goal.progress_count}
    return [Fact("cards", event.envelope.key, "goals", goal.goal_id, value)]


def fold_accepted(event: Event) -> Sequence[Fact]:
    message = event.message
    assert isinstance(message, events_pb2.RelationshipAccepted)
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
    )


def progress(teacher: str, goal: str, version: int, *, count: int | None = None) -> PendingEvent:
    snapshot = events_pb2.GoalSnapshot(
        goal_id=goal,
        teacher_id=teacher,
        focus_skill=f"skill-{version}",
        current=float(version),
        progress_count=version if count is None else count,
    )
    message = events_pb2.GoalProgressRecorded(goal=snapshot)
    return pending(PROGRESS, goal, teacher, version, message.SerializeToString())


def accepted(teacher: str, relationship: str, version: int) -> PendingEvent:
    snapshot = events_pb2.RelationshipSnapshot(
        relationship_id=relationship, teacher_id=teacher, coach_id=f"coach-{version}"
    )
    message = events_pb2.RelationshipAccepted(relationship=snapshot)
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
    headers = headers_of(event, source="/test", district="d1", aggregate_id=aggregate, key=key)
    return key.encode(), event.data, headers


class ListLog:
    """A log of lists. The partition follows from the key alone, on every topic."""

    def __init__(self, partitions: int = 3) -> None:
        self.partitions = partitions
        self._records: dict[tuple[str, int], list[Record]] = {}

    def put(
        self, topic: str, aggregate: str, event: PendingEvent, value: bytes | None = None
    ) -> Record:
        key, data, headers = parts(aggregate, event)
        number = sum(key) % self.partitions
        place = self._records.setdefault((topic, number), [])
        record = Record(topic, number, len(place), key, data if value is None else value, headers)
        place.append(record)
        return record

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Record]:
        return self._records.get((topic, partition), [])[offset : offset + limit]

    def end(self, topic: str, partition: int) -> int:
        return len(self._records.get((topic, partition), []))

    def begin(self, topic: str, partition: int) -> int:
        return 0

    def all(self) -> list[Record]:
        return [record for records in self._records.values() for record in records]


def mixed_events(
    chance: random.Random, count: int
) -> list[tuple[str, str, PendingEvent, bytes | None]]:
    """(topic, aggregate, event, broken value or None): versions in order, with duplicates
    and late old versions in between, and now and then a value that is no message."""
    versions: dict[tuple[str, str], int] = {}
    made: list[tuple[str, str, PendingEvent, bytes | None]] = []
    for _ in range(count):
        if made and chance.random() < 0.2:
            made.append(chance.choice(made))
            continue
        teacher, number = f"t{chance.randrange(5)}", chance.randrange(4)
        goal = chance.random() < 0.7
        aggregate = f"{'goal' if goal else 'rel'}-{teacher}-{number}"
        version = versions.get((teacher, aggregate), 0) + 1
        versions[teacher, aggregate] = version
        make, topic = (progress, GOALS) if goal else (accepted, ROSTER)
        broken = b"\xff\xff" if chance.random() < 0.03 else None
        made.append((topic, aggregate, make(teacher, aggregate, version), broken))
    return made
