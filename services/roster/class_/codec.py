"""Classes: stored state and published events."""

from __future__ import annotations

from typing import Any

from coaching.roster.v1 import events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about
from services.chassis.write.write_path import EncodedEvent
from services.roster.class_.domain import Class
from services.roster.record import RosterChange, RosterEvent

CLASS_EVENTS = messages_of(published.DESCRIPTOR, "Class", RosterChange)


def class_message(each: Class) -> published.Class:
    return published.Class(
        class_id=each.sourced_id,
        title=each.title,
        school_org_id=each.school,
        teacher_ids=each.teachers,
        student_count=each.student_count,
        session_ids=each.sessions,
        grades=each.grades,
        subjects=each.subjects,
        lead_teacher_ids=each.leads,
        class_code=each.code,
        periods=each.periods,
        location=each.location,
        status=published.RecordStatus.Value(f"RECORD_STATUS_{each.status.name}"),
    )


def encode_class(each: Class, event: RosterEvent) -> EncodedEvent:
    """Published to every teacher, and to those who have just left."""
    # `class` is a Python keyword: the field can only be given by name like this.
    message = CLASS_EVENTS[event.change](**{"class": class_message(each)})
    keys = keys_about(each.district, *each.teachers, left=event.left, nobody=each.sourced_id)
    return encoded(message, keys, each.school_year)


def _nobody_came(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says who is named in place of others; the next file does, of who was merged
    before."""
    return {**state, "came": []}


def _nobody_leads(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says who leads, when and where: the next file does, of all classes."""
    return {**state, "leads": [], "code": "", "periods": [], "location": ""}


CLASSES = AggregateCodec("class", Class, encode_class, [_nobody_came, _nobody_leads])
