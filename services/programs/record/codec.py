"""Entries of planning records: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.programs.v1 import planning_entry_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.record.domain import PlanningEntry
from services.programs.record.outline import EntryEvent, EntryHappened, RecordOf

PLANNING_ENTRY_EVENTS = messages_of(published.DESCRIPTOR, "PlanningEntry", EntryEvent, Last)


def planning_entry_snapshot(entry: PlanningEntry) -> published.PlanningEntrySnapshot:
    """What is published of it: no text, nothing by which a text could be told, and not who reads
    it."""
    circle = entry.of is RecordOf.CIRCLE
    return published.PlanningEntrySnapshot(
        planning_entry_id=entry.id,
        relationship_id="" if circle else entry.record_id,
        circle_id=entry.record_id if circle else "",
        school_year=entry.school_year,
        number=entry.chained.number,
        kind=entry.kind,
        author_id=entry.author,
        teacher_id=entry.teacher,
        coach_id=entry.coach,
        written_at=stamp(entry.written_at),
        goal_id=entry.links.goal,
        trial_id=entry.links.trial,
        observation_id=entry.links.observation,
        coaching_session_id=entry.links.coaching_session,
        administration_id=entry.links.administration,
        corrects_id=entry.corrects,
    )


def encode_planning_entry(entry: PlanningEntry, happened: EntryHappened | Last) -> EncodedEvent:
    """One record, for whose timeline it stands on, and one for whose it stood on until then; its
    own key where it stands on nobody's."""
    if isinstance(happened, Last):
        event: EntryEvent | Last = happened
        left = tuple(each.before for each in entry.moved)
        told = published.PlanningEntrySnapshot(planning_entry_id=entry.id)
    else:
        event, left, told = happened.event, happened.left, planning_entry_snapshot(entry)
    message = PLANNING_ENTRY_EVENTS[event](planning_entry=told)
    on = [entry.teacher] if entry.teacher else []
    keys = keys_about(entry.district, *on, left=left, nobody=entry.id)
    return encoded(message, keys, entry.school_year)


PLANNING_ENTRIES = AggregateCodec("planning_entry", PlanningEntry, encode_planning_entry)
