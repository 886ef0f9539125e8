"""What events say of the entries of planning records: never what anybody wrote."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import planning_entry_events_pb2 as planning_entries
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.words import events_with
from services.insights.facts.reading import SCHOOL_YEARS

TYPES = events_with(planning_entries.PlanningEntrySnapshot.DESCRIPTOR)


def of_nobody(envelope: Envelope) -> bool:
    """Whether it stands on no timeline: its author was erased, and its key is its own."""
    return envelope.key == f"{envelope.district}:{envelope.aggregate_id}"


def snapshot(event: Event) -> planning_entries.PlanningEntrySnapshot:
    """Raises InvalidEvent for a key that names no teacher, and for a year that is none or another
    than the envelope's."""
    message: Any = event.message
    said: planning_entries.PlanningEntrySnapshot = message.planning_entry
    if event.envelope.key.count(":") != 1:
        raise InvalidEvent("the key names no teacher")
    if said.school_year not in SCHOOL_YEARS:
        raise InvalidEvent("no school year")
    if event.envelope.year not in (0, said.school_year):
        raise InvalidEvent("ce_year is another year")
    return said


def has_left(event: Event, said: planning_entries.PlanningEntrySnapshot) -> bool:
    """Whether it tells one on whose timeline it stood that it does no more."""
    return event.envelope.key != f"{event.envelope.district}:{said.teacher_id}"
