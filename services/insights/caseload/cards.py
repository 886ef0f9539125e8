"""From a stored row to what it says.

A row may have been written by another build, or be broken. What cannot be read of it is
left out, and its entry says `incomplete`: one row never keeps the others from being shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from services.access.profile import Profile
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row
from services.chassis.views.rows import Generation
from services.insights.calendar.domain import Calendar
from services.insights.caseload.domain.card import (
    Card,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Relationship,
    Survey,
)
from services.insights.caseload.domain.entry import Entry, entry_until, with_last_year
from services.insights.caseload.domain.sight import as_seen_by
from services.insights.caseload.stores import Mark
from services.insights.facts import goals, observations
from services.insights.facts.stored import (
    Fact,
    count,
    district_of,
    facts_in,
    flag,
    number,
    text,
    when,
)

PERSON = "person"
"""The field of a row in which the teacher's `Profile` stands: see `NamedCards`."""

T = TypeVar("T")
Tell = Callable[[Exception], object]
_CARD = "a card"


def entry_of_row(
    row: Row,
    reader: str,
    sees: Collection[str],
    calendar: Calendar,
    now: datetime,
    troubles: Troubles,
    last_year: Row | None = None,
) -> tuple[Entry, datetime]:
    """`caseload.entry_until` of a row of `cards`, whatever it holds, as far as its reader may see
    it (`sight`); with what lasts over the summer of the row of last year."""

    def tell(error: Exception) -> None:
        troubles.tell(_CARD, district_of(row), error)

    card = card_of(row, tell)
    if last_year is not None:
        card = with_last_year(card, card_of(last_year, tell))
    card = as_seen_by(reader, sees, card)
    try:
        return entry_until(card, calendar, now)
    except Exception as error:  # noqa: BLE001 # of one card
        tell(error)
        return entry_until(Card(card.teacher, card.school_year, incomplete=True), calendar, now)


def names(row: Row, coach: str) -> bool:
    """Whether a card is found by a coach: whether she has an active relationship in its year."""
    coaches = row.get("coaches")
    return isinstance(coaches, list) and coach in coaches


def card_of(row: Row, tell: Tell = lambda _: None) -> Card:
    """A card as domain values, from a row as `NamedCards` gives it. The first of what cannot
    be read is told."""
    broken: list[Exception] = []
    _, teacher, school_year = (*str(row["_id"]).split(":"), "", "")[:3]
    person: Profile | None = row.get(PERSON)
    newest = row.get("newest_event_at")
    card = Card(
        teacher=teacher,
        school_year=int(school_year) if school_year.isdecimal() else 0,
        given_name=person.given_name if person else "",
        family_name=person.family_name if person else "",
        schools=person.orgs if person else (),
        relationships=_all(row, "relationships", _relationship, broken),
        goals=_all(row, "goals", _goal, broken),
        observations=_all(row, "observations", _observation, broken),
        surveys=_all(row, "surveys", _survey, broken),
        incomplete=bool(row.get("incomplete")) or bool(broken),
        newest_event_at=newest if isinstance(newest, datetime) else None,
    )
    for error in broken[:1]:
        tell(error)
    return card


def mark_of(row: Row, generation: Generation) -> Mark | None:
    """Of a card, or of its `rev` alone; None where only projectors that do not know
    `rev` wrote it."""
    return Mark(generation.number, row["rev"]) if "rev" in row else None


# None: what should not have been is on no card; its fact stays, to refuse older versions.
_GOAL_STATES = {"withdrawn": None, **{each.value: each for each in GoalState}}
_OBSERVATION_STATES = {"cancelled": None, **{each.value: each for each in ObservationState}}


def _relationship(id: str, fact: Fact) -> Relationship:
    return Relationship(
        id,
        text(fact["coach"]),
        flag(fact["active"]),
        when(fact.get("accepted_at")),
        when(fact.get("carried_over_at")),
    )


def _state(
    stored: Any, names: Mapping[str, T | None], numbers: Mapping[int, str], unknown: T
) -> T | None:
    """A state by its name, or by the number that a build stored which had no name for it."""
    name = text(stored)
    if name.startswith("#"):
        name = numbers.get(int(name[1:]), name)
    return names.get(name, unknown)


def _goal(id: str, fact: Fact) -> Goal | None:
    get = fact.get
    state = _state(fact["state"], _GOAL_STATES, goals.STATES, GoalState.UNKNOWN)
    if state is None:
        return None
    due, target = get("due"), number(fact["target"])
    assert target is not None
    increase = get("increase", True)
    return Goal(
        id,
        state,
        text(fact["measure"]),
        text(fact["unit"]),
        target,
        None if increase is None else flag(increase),
        number(get("baseline")),
        number(get("current")),
        number(get("previous")),
        date.fromisoformat(due) if due else None,
        when(get("last_progress_at")),
        when(get("drafted_at")),
        when(get("activated_at")),
        when(get("closed_at")),
    )


def _observation(id: str, fact: Fact) -> Observation | None:
    get = fact.get
    numbers, unknown = observations.STATES, ObservationState.UNKNOWN
    state = _state(fact["state"], _OBSERVATION_STATES, numbers, unknown)
    if state is None:
        return None
    return Observation(
        id,
        text(fact["tool"]),
        state,
        when(get("completed_at")),
        when(get("shared_at")),
        when(get("acknowledged_at")),
        text(get("observer", "")),
    )


def _survey(id: str, fact: Fact) -> Survey | None:
    get = fact.get
    if flag(get("cancelled", False)):
        return None
    least, most = get("n_min", get("n")), get("n_max", get("n"))
    return Survey(
        id,
        text(fact["instrument"]),
        text(get("goal", "")),
        when(get("opened_at")),
        when(get("closed_at")),
        flag(get("suppressed", False)),
        count(get("small_n", 0)),
        None if least is None else count(least),
        None if most is None else count(most),
        number(get("favorable_share")),
    )


def _all(
    row: Row, group: str, kind: Callable[[str, Fact], T | None], broken: list[Exception]
) -> tuple[T, ...]:
    """A group's facts, by id. What an older projector did not know has its default."""
    found: list[T] = []
    try:
        for id_, fact in facts_in(row, group):
            try:
                one = kind(id_, fact)
                if one is not None:
                    found.append(one)
            except Exception as error:  # noqa: BLE001 # whatever a fact may be
                broken.append(error)
    except Exception as error:  # noqa: BLE001 # no facts at all
        broken.append(error)
    return tuple(found)
