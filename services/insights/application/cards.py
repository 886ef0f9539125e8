"""From a stored row to what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from services.chassis.views.projection import Row, from_field_name
from services.chassis.views.rows import Generation
from services.insights.application.stores import Mark
from services.insights.domain.calendar import Session
from services.insights.domain.card import (
    Card,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Relationship,
    Survey,
)

T = TypeVar("T", Relationship, Goal, Observation, Survey)


def card_of(row: Row) -> Card:
    """A card as domain values, from a row of the collection `cards`."""
    person = next((value for _, value in _facts(row, "person")), {})
    return Card(
        teacher=row["teacher"],
        school_year=row["school_year"],
        given_name=person.get("given", ""),
        family_name=person.get("family", ""),
        schools=tuple(person.get("schools", ())),
        relationships=_all(row, "relationships", Relationship),
        goals=_all(row, "goals", Goal),
        observations=_all(row, "observations", Observation),
        surveys=_all(row, "surveys", Survey),
        incomplete=bool(row["incomplete"]),
        newest_event_at=row.get("newest_event_at"),
    )


def mark_of(row: Row, generation: Generation) -> Mark | None:
    """Of a card, or of its `rev` alone; None where an older projector wrote it."""
    return (generation.number, row["rev"]) if "rev" in row else None


def session_of(row: Row) -> tuple[int, Session] | None:
    """School year and session, from a row of `calendars`; None when it was removed or only
    an unreadable event is known of it."""
    for _, value in _facts(row, "session"):
        if value["active"]:
            starts, ends = date.fromisoformat(value["starts"]), date.fromisoformat(value["ends"])
            return value["school_year"], Session(value["type"], starts, ends)
    return None


_READ: Mapping[tuple[type[Any], str], Callable[[Any], Any]] = {
    (Goal, "state"): GoalState,
    (Goal, "due"): lambda text: date.fromisoformat(text) if text else None,
    (Observation, "state"): ObservationState,
}
_FIELDS: Mapping[type[Any], Sequence[tuple[str, Callable[[Any], Any]]]] = {
    kind: [
        (field.name, _READ.get((kind, field.name), lambda value: value))
        for field in fields(kind)
        if field.name != "id"
    ]
    for kind in (Relationship, Goal, Observation, Survey)
}


def _all(row: Row, group: str, kind: type[T]) -> tuple[T, ...]:
    """A group's facts; a field that a newer projector wrote and we do not know is left out."""
    wanted = _FIELDS[kind]
    return tuple(
        kind(aggregate, **{name: read(fact[name]) for name, read in wanted if name in fact})
        for aggregate, fact in _facts(row, group)
    )


def _facts(row: Row, group: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, fact in sorted(row["facts"].get(group, {}).items()):
        yield from_field_name(name), fact
