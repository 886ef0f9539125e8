"""Answers about planning records, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import PageResource, Resource, Written
from services.programs.record.domain import PlanningEntry, PlanningRecord
from services.programs.record.outline import EntryKind, RecordOf


class PlanningEntryResource(Resource):
    """What one of a coach and a teacher, a pair or a group has written in their record. Of one
    whose author was `erased` there is its place in the chain, and nothing else."""

    planning_entry_id: str
    relationship_id: str | None
    circle_id: str | None
    school_year: int
    number: int
    kind: EntryKind | None
    author_id: str | None
    author_name: str | None = name_of("author_id")
    written_as_id: str | None
    written_at: datetime
    device_at: datetime | None
    text: Written
    teacher_id: str | None
    teacher_name: str | None = name_of("teacher_id")
    goal_id: str | None = refers_to("goal", "teacher_id")
    trial_id: str | None = refers_to("goal", "teacher_id")
    observation_id: str | None = refers_to("observation", "teacher_id")
    administration_id: str | None = refers_to("administration", "teacher_id")
    coaching_session_id: str | None
    corrects_id: str | None
    erased: bool
    salt: str | None
    hash_before: str | None
    content_hash: str
    hash: str
    version: int


class PlanningEntryPage(PageResource):
    planning_entries: list[PlanningEntryResource]


class PlanningRecordResource(Resource):
    """That there are entries, and not what they say: how many were written so far, when the last
    one was, and where they `end`, the number and the hash of the last (`NUMBER:HASH`)."""

    record_id: str
    record_of: RecordOf
    school_year: int
    entries: int
    last_written_at: datetime | None
    end: str | None


def planning_entry_resource(entry: PlanningEntry) -> PlanningEntryResource:
    """One entry of a planning record, for who was of the record when it was written."""
    circle = entry.of is RecordOf.CIRCLE
    return PlanningEntryResource(
        planning_entry_id=entry.id,
        relationship_id=None if circle else entry.record_id,
        circle_id=entry.record_id if circle else None,
        school_year=entry.school_year,
        number=entry.chained.number,
        kind=EntryKind(entry.kind) if entry.kind else None,
        author_id=entry.author or None,
        written_as_id=entry.written_as or None,
        written_at=entry.written_at,
        device_at=entry.device_at,
        text=entry.text,
        teacher_id=entry.teacher or None,
        goal_id=entry.links.goal or None,
        trial_id=entry.links.trial or None,
        observation_id=entry.links.observation or None,
        administration_id=entry.links.administration or None,
        coaching_session_id=entry.links.coaching_session or None,
        corrects_id=entry.corrects or None,
        erased=entry.erased,
        salt=entry.salt or None,
        hash_before=entry.chained.before or None,
        content_hash=entry.chained.content,
        hash=entry.chained.hash,
        version=entry.version,
    )


def planning_record_resource(record: PlanningRecord) -> PlanningRecordResource:
    """How much was written in a record, and where it ends."""
    return PlanningRecordResource(
        record_id=record.id,
        record_of=record.of,
        school_year=record.school_year,
        entries=record.entries,
        last_written_at=record.last_written_at,
        end=record.end or None,
    )
