"""From a stored row to what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

Fact = dict[str, Any]
T = TypeVar("T")


def card_of(row: Row) -> Card:
    """A card as domain values, from a row of the collection `cards`."""
    person = next((value for _, value in _facts(row, "person")), {})
    return Card(
        teacher=row["teacher"],
        school_year=row["school_year"],
        given_name=person.get("given", ""),
        family_name=person.get("family", ""),
        schools=tuple(person.get("schools", ())),
        relationships=_all(row, "relationships", _relationship),
        goals=_all(row, "goals", _goal),
        observations=_all(row, "observations", _observation),
        surveys=_all(row, "surveys", _survey),
        incomplete=bool(row["incomplete"]),
        newest_event_at=row.get("newest_event_at"),
    )


def mark_of(row: Row, generation: Generation) -> Mark | None:
    """Of a card, or of its `rev` alone; None where only projectors that do not know
    `rev` wrote it."""
    return (generation.number, row["rev"]) if "rev" in row else None


def session_of(row: Row) -> tuple[int, Session] | None:
    """School year and session, from a row of `calendars`; None when it was removed or only
    an unreadable event is known of it."""
    for _, value in _facts(row, "session"):
        if value["active"]:
            starts, ends = date.fromisoformat(value["starts"]), date.fromisoformat(value["ends"])
            return value["school_year"], Session(value["type"], starts, ends)
    return None


_GOAL_STATES = {each.value: each for each in GoalState}
_OBSERVATION_STATES = {each.value: each for each in ObservationState}


def _relationship(id: str, fact: Fact) -> Relationship:
    return Relationship(id, fact["coach"], fact["active"], fact.get("accepted_at"))


def _goal(id: str, fact: Fact) -> Goal:
    get = fact.get
    due = get("due")
    return Goal(
        id,
        _GOAL_STATES[fact["state"]],
        fact["measure"],
        fact["unit"],
        fact["target"],
        get("increase", True),
        get("baseline"),
        get("current"),
        get("previous"),
        date.fromisoformat(due) if due else None,
        get("last_progress_at"),
        get("drafted_at"),
        get("activated_at"),
        get("closed_at"),
    )


def _observation(id: str, fact: Fact) -> Observation:
    get = fact.get
    return Observation(
        id,
        fact["tool"],
        _OBSERVATION_STATES[fact["state"]],
        get("completed_at"),
        get("shared_at"),
        get("acknowledged_at"),
    )


def _survey(id: str, fact: Fact) -> Survey:
    get = fact.get
    return Survey(
        id,
        fact["instrument"],
        get("goal", ""),
        get("opened_at"),
        get("closed_at"),
        get("suppressed", False),
        get("small_n", 0),
        get("n"),
        get("favorable_share"),
    )


def _all(row: Row, group: str, kind: Callable[[str, Fact], T]) -> tuple[T, ...]:
    """A group's facts, by id. What an older projector did not know has its default."""
    return tuple([kind(id_, fact) for id_, fact in _facts(row, group)])


def _facts(row: Row, group: str) -> Sequence[tuple[str, Fact]]:
    return [
        (from_field_name(name) if "%" in name else name, fact)
        for name, fact in sorted(row["facts"].get(group, {}).items())
    ]
