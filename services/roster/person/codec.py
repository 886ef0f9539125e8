"""Members of staff: stored state and published events."""

from __future__ import annotations

from typing import Any

from coaching.roster.v1 import events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.roster.person.domain import Person
from services.roster.record import RosterChange, RosterEvent

PERSON_EVENTS = messages_of(published.DESCRIPTOR, "Person", RosterChange)


def person_message(person: Person) -> published.Person:
    return published.Person(
        person_id=person.sourced_id,
        given_name=person.given_name,
        family_name=person.family_name,
        roles=[
            published.RoleAssignment(
                role=each.role,
                role_type=each.role_type,
                org_id=each.org,
                begin_date=each.begins,
                end_date=each.ends,
            )
            for each in person.roles
        ],
        school_years=person.school_years,
        status=published.RecordStatus.Value(f"RECORD_STATUS_{person.status.name}"),
        provisional_until=stamp(person.expires_at if person.provisional else None),
        merged_into_id=person.merged_into,
    )


def encode_person(person: Person, event: RosterEvent) -> EncodedEvent:
    message = PERSON_EVENTS[event.change](person=person_message(person))
    return encoded(message, (f"{person.district}:{person.sourced_id}",))


def _of_a_file(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says whom people have added; until then files alone did."""
    return {**state, "provisional": False, "added_by": "", "expires_at": None}


def _merged_into_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says which record of the same person is kept in place of this one."""
    return {**state, "merged_into": ""}


def _reserved_by_nothing(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 says which match has it last, and what was hers before she took over."""
    return {**state, "roles_before": [], "reserved_by": "", "times_given_up": 0}


def _had_not_left(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says of who was merged whether she had left the roster before."""
    return {**state, "left_before": False}


def _took_nothing(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 6 says which roles are another record's alone; the next file does, of who was merged
    before."""
    return {**state, "taken": []}


PEOPLE = AggregateCodec(
    "person",
    Person,
    encode_person,
    [_of_a_file, _merged_into_nobody, _reserved_by_nothing, _had_not_left, _took_nothing],
)
