"""From a stored row to what it says.

A row may have been written by another build, or be broken. What cannot be read of it is
left out, and its entry says `incomplete`: one row never keeps the others from being shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.access.agreed import UNRESTRICTED, Agreed
from services.access.calendar import Calendar
from services.access.policy import TEACHER
from services.access.profile import Profile
from services.chassis.field_names import from_field_name
from services.chassis.troubles import Troubles
from services.chassis.views.facts import Tell
from services.chassis.views.projection import Row
from services.chassis.views.rows import Generation
from services.insights.caseload.domain.card import (
    Card,
    GoalState,
    ObservationState,
    Post,
    TrialState,
)
from services.insights.caseload.domain.entry import CaseloadEntry, entry_until, with_last_year
from services.insights.caseload.domain.sight import as_seen_by
from services.insights.caseload.facts import (
    ANSWERED,
    ANSWERS,
    ENROLLMENTS,
    GOALS,
    OBSERVATIONS,
    RELATIONSHIPS,
    SESSIONS,
    SURVEYS,
    TRIALS,
)
from services.insights.caseload.stores import CardMark
from services.insights.facts.stored import district_of
from services.insights.program.domain import Enrollment, ProgramPlan

PERSON = "person"
"""The field of a row in which the teacher's `Profile` stands: see `NamedCards`."""

PLANS = "plans"
"""What the programs of her district plan, by their ids."""

SCHOOLS = "schools"
"""And what the orgs of her roles are called, in their order."""

IN_TROUBLE = "a card"


def entry_of_row(
    row: Row,
    reader: str,
    sees: Collection[str],
    calendar: Calendar,
    now: datetime,
    troubles: Troubles,
    last_year: Row | None = None,
    *,
    only_shared: bool,
    agreed: Agreed = UNRESTRICTED,
) -> tuple[CaseloadEntry, datetime]:
    """`caseload.entry_until` of a row of `cards`, whatever it holds, as far as its reader may see
    it (`sight`, and for a survey's first hours `agreed`); with what lasts over the summer of the
    row of last year."""

    def tell(error: Exception) -> None:
        troubles.tell(IN_TROUBLE, district_of(row), error)

    card = card_of(row, tell)
    if last_year is not None:
        card = with_last_year(card, card_of(last_year, tell))
    card = as_seen_by(reader, sees, card, only_shared=only_shared)
    card = replace(card, newest_event_at=newest_shown(card, row, last_year))
    try:
        return entry_until(card, calendar, now, agreed.alone(reader, card.teacher))
    except Exception as error:  # noqa: BLE001 # of one card
        tell(error)
        return bare(card, calendar, now)


_IF_SHARED = {"goals": "goals", "trials": "goals", "surveys": "surveys"}
_ONE_BY_ONE = ("relationships", "sessions", "observations")


def newest_shown(card: Card, *rows: Row | None) -> datetime | None:
    """When the newest event happened of those by which anything on a card, as its reader sees it,
    may have come to be so: by others nobody is to see that something has changed."""
    shown = {name: {each.id for each in getattr(card, name)} for name in _ONE_BY_ONE}
    found: list[datetime] = []
    for row in filter(None, rows):
        facts = row.get("facts")
        for group, known in facts.items() if isinstance(facts, Mapping) else ():
            if group == ANSWERED or _IF_SHARED.get(group, "") in card.not_shared:
                continue
            for name, fact in known.items() if isinstance(known, Mapping) else ():
                at = fact.get("at") if isinstance(fact, Mapping) else None
                here = group not in shown or from_field_name(name) in shown[group]
                if here and isinstance(at, datetime):
                    found.append(at)
    return max(found, default=None)


def bare(card: Card, calendar: Calendar, now: datetime) -> tuple[CaseloadEntry, datetime]:
    """In place of an entry that cannot be made or written: whose it is, and `incomplete`."""
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
    goals = GOALS.all_in(row, "goals", broken.append)
    observations = OBSERVATIONS.all_in(row, "observations", broken.append)
    surveys = SURVEYS.all_in(row, "surveys", broken.append)
    trials = TRIALS.all_in(row, "trials", broken.append)
    year = int(school_year) if school_year.isdecimal() else 0
    enrollments = ENROLLMENTS.all_in(row, "enrollments", broken.append)
    plan, enrolled_at = _plan(enrollments, row.get(PLANS, {}), year)
    card = Card(
        teacher=teacher,
        school_year=year,
        given_name=person.given_name if person else "",
        family_name=person.family_name if person else "",
        schools=person.orgs if person else (),
        school_names=row.get(SCHOOLS, ()),
        relationships=RELATIONSHIPS.all_in(row, "relationships", broken.append),
        goals=tuple(each for each in goals if each.state is not GoalState.WITHDRAWN),
        observations=tuple(
            each for each in observations if each.state is not ObservationState.CANCELLED
        ),
        surveys=tuple(each for each in surveys if not each.cancelled),
        sessions=SESSIONS.all_in(row, "sessions", broken.append),
        trials=tuple(each for each in trials if each.state is not TrialState.WITHDRAWN),
        answers=ANSWERS.all_in(row, "answers", broken.append),
        incomplete=bool(row.get("incomplete")) or bool(broken),
        newest_event_at=newest if isinstance(newest, datetime) else None,
        posts=_posts(person) if person else (),
        plan=plan,
        enrolled_at=enrolled_at,
        in_circle=any(each.active and each.year == year for each in person.circles)
        if person
        else False,
    )
    for error in broken[:1]:
        tell(error)
    return card


def _plan(
    enrollments: Iterable[Enrollment], plans: Mapping[str, ProgramPlan], year: int
) -> tuple[ProgramPlan | None, datetime | None]:
    """Of the running program of the year that she was enrolled in last, and since when."""
    found = [
        (each.enrolled_at, each.id, plans[each.program])
        for each in enrollments
        if each.enrolled and each.enrolled_at and each.program in plans
    ]
    found = [each for each in found if each[2].running and each[2].school_year == year]
    if not found:
        return None, None
    enrolled_at, _, plan = max(found, key=lambda each: each[:2])
    return plan, enrolled_at


def _posts(person: Profile) -> tuple[Post, ...]:
    return tuple(
        Post(each.org, each.begins, each.ends, each.role in TEACHER) for each in person.roles
    )


def mark_of(row: Row, generation: Generation) -> CardMark | None:
    """Of a card, or of its `rev` alone; None where only projectors that do not know
    `rev` wrote it."""
    return CardMark(generation.number, row["rev"]) if "rev" in row else None
