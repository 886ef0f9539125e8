"""The insights projection: every event type there is, and what it does to a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import GONE, Event, Fact, Fold, Projection, Row, topics_of
from services.insights.calendar import fold as sessions
from services.insights.calendar.fold import CALENDARS
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
from services.insights.caseload.revision import revision
from services.insights.facts import (
    coaching_sessions,
    enrollments,
    flag_answers,
    goals,
    observations,
    relationships,
    surveys,
    trials,
)
from services.insights.facts.reading import (
    SCHOOL_YEARS,
    day,
    has_left,
    instant,
    number,
    of_one,
)
from services.insights.org import fold as orgs
from services.insights.program import fold as programs

GROUP = "insights"
CARDS = "cards"


def _relationship(event: Event) -> Fact:
    said = relationships.snapshot(event)
    value = RELATIONSHIPS.write(
        coach=said.coach_id,
        active=relationships.active(said),
        accepted_at=instant(said, "accepted_at"),
        carried_over_at=instant(said, "proposed_at") if said.carried_over_from else None,
        paused_at=instant(said, "paused_at"),
        resumed_at=instant(said, "resumed_at"),
    )
    return _card_fact(event, said, "relationships", value)


def _goal(event: Event) -> Fact:
    said = goals.snapshot(event)
    value = GOALS.write(
        state=goals.state(said),
        measure=said.measure_id,
        unit=said.unit,
        target=said.target,
        increase=goals.increase(said),
        baseline=number(said, "baseline"),
        current=number(said, "current"),
        previous=number(said, "previous"),
        due=day(said.due_date, "due_date") if said.due_date else None,
        last_progress_at=instant(said, "last_progress_at"),
        drafted_at=instant(said, "drafted_at"),
        activated_at=instant(said, "activated_at"),
        closed_at=instant(said, "closed_at"),
        last_evidence_at=instant(said, "last_evidence_at"),
    )
    return _card_fact(event, said, "goals", value)


def _survey(event: Event) -> Fact:
    """How many answered and how favorably, unless too few. Results from before there were bands
    have an `n` alone: a band of that one number."""
    said = surveys.snapshot(event)
    told, results = said.HasField("results"), said.results
    shown = told and not results.suppressed
    value = SURVEYS.write(
        instrument=said.instrument_id,
        series=surveys.series(said),
        validation_status=said.validation_status,
        goal=said.goal_id,
        cancelled=surveys.cancelled(said),
        opened_at=instant(said, "opened_at"),
        closed_at=instant(said, "closed_at"),
        suppressed=told and results.suppressed,
        small_n=results.small_n,
        n_min=results.n_min or results.n if shown else None,
        n_max=results.n_max or results.n if shown else None,
        favorable_share=results.favorable_share if shown else None,
    )
    return _card_fact(event, said, "surveys", value)


def _observation(event: Event) -> Fact:
    """When, never how it was scored."""
    said = observations.snapshot(event)
    value = OBSERVATIONS.write(
        tool=said.tool_id,
        observer=said.observer_id,
        state=observations.state(said),
        completed_at=instant(said, "completed_at"),
        shared_at=instant(said, "shared_at"),
        acknowledged_at=instant(said, "acknowledged_at"),
    )
    return _card_fact(event, said, "observations", value)


def _session(event: Event) -> Sequence[Fact]:
    """Of one that was held, or is to come: of any other a card says nothing. Nor of time that is of
    no teacher."""
    if coaching_sessions.of_nobody(event.envelope):
        return []
    return _OF_HERS(event)


def _hers(event: Event) -> Fact:
    said, envelope = coaching_sessions.snapshot(event), event.envelope
    starts, held = instant(said, "starts_at"), coaching_sessions.counts(said)
    if starts is None:
        raise InvalidEvent("no starts_at")
    shown = held or coaching_sessions.to_come(said)
    left = coaching_sessions.has_left(event, said)
    told = SESSIONS.write(coach=said.coach_id, starts_at=starts, held=held)
    value = told if shown and not left else GONE
    row = f"{envelope.key}:{said.school_year}"
    return Fact(CARDS, row, "sessions", envelope.aggregate_id, value)


def _trial(event: Event) -> Fact:
    said = trials.snapshot(event)
    value = TRIALS.write(
        state=trials.state(said),
        agreed_at=instant(said, "agreed_at"),
        reflected_at=instant(said, "reflected_at"),
        goal=said.goal_id,
        tried_at=instant(said, "tried_at"),
    )
    return _card_fact(event, said, "trials", value)


def _enrollment(event: Event) -> Fact:
    """Since when she is in which program: never by whom, or why she withdrew."""
    said = enrollments.snapshot(event)
    value = ENROLLMENTS.write(
        program=said.program_id,
        enrolled=enrollments.enrolled(said),
        enrolled_at=instant(said, "enrolled_at"),
    )
    return _card_fact(event, said, "enrollments", value)


def _flag_answer(event: Event) -> Fact:
    """Without why: of what was taken back nothing is left."""
    said = flag_answers.snapshot(event)
    told = ANSWERS.write(
        coach=said.coach_id,
        flag=said.flag_id,
        answered_at=instant(said, "answered_at"),
        dismissed=flag_answers.dismissed(said),
        until=day(said.until, "until") if said.until else None,
    )
    return _card_fact(event, said, ANSWERED, told if flag_answers.given(said) else GONE)


def _card_fact(event: Event, said: Any, group: str, value: Mapping[str, Any]) -> Fact:
    row = f"{event.envelope.key}:{said.school_year}"
    left = has_left(event, said)
    return Fact(CARDS, row, group, event.envelope.aggregate_id, GONE if left else value)


def _gone(group: str) -> Callable[[Event], Fact]:
    def place(event: Event) -> Fact:
        envelope = event.envelope
        if envelope.year not in SCHOOL_YEARS:
            raise InvalidEvent("no school year")
        return Fact(CARDS, f"{envelope.key}:{envelope.year}", group, envelope.aggregate_id, GONE)

    return place


# These hold one fact each: in the card of the envelope's key and school year.
_ON_A_CARD: Mapping[str, Fold] = {
    **dict.fromkeys(relationships.TYPES, of_one(_relationship, _gone("relationships"))),
    **dict.fromkeys(goals.TYPES, of_one(_goal, _gone("goals"))),
    **dict.fromkeys(surveys.TYPES, of_one(_survey, _gone("surveys"))),
    **dict.fromkeys(observations.TYPES, of_one(_observation, _gone("observations"))),
    **dict.fromkeys(trials.TYPES, of_one(_trial, _gone("trials"))),
    **dict.fromkeys(enrollments.TYPES, of_one(_enrollment, _gone("enrollments"))),
    **dict.fromkeys(flag_answers.TYPES, of_one(_flag_answer, _gone(ANSWERED))),
}
_OF_HERS = of_one(_hers, _gone("sessions"))
FOLDS: Mapping[str, Fold] = {
    **_ON_A_CARD,
    **dict.fromkeys(coaching_sessions.TYPES, _session),
    **sessions.FOLDS,
    **orgs.FOLDS,
    **programs.FOLDS,
}
TOPICS = topics_of(FOLDS)


def card_fields(row: Row) -> dict[str, Any]:
    """What a card is found by: `coaches` are those with an active relationship. `rev` tells
    whether a card that somebody has read is still the same. `newest_event_at` is of all that is
    on it: a reader is told that of what she is shown (`cards.newest_shown`)."""
    _, teacher, school_year = row["_id"].split(":")
    facts = row["facts"]
    return {
        "teacher": teacher,
        "school_year": int(school_year),
        "coaches": sorted(
            {
                each["coach"]
                for each in facts.get("relationships", {}).values()
                if each.get("active")
            }
        ),
        "newest_event_at": max(
            [
                fact["at"]
                for name, group in facts.items()
                if name != ANSWERED
                for fact in group.values()
            ],
            default=None,
        ),
        "rev": revision(row),
    }


def row_of_parked(envelope: Envelope) -> Sequence[tuple[str, str]]:
    """The card that an unreadable event leaves incomplete; none for what is on no card."""
    if envelope.type in sessions.FOLDS:
        return [(CALENDARS, envelope.key)]
    if envelope.type in coaching_sessions.TYPES and coaching_sessions.of_nobody(envelope):
        return []
    if envelope.type in programs.FOLDS:
        return [(programs.PROGRAMS, envelope.key)]
    if envelope.type in orgs.FOLDS or envelope.key.count(":") != 1 or not envelope.year:
        return []
    return [(CARDS, f"{envelope.key}:{envelope.year}")]


def insights_projection() -> Projection:
    return Projection(
        group=GROUP,
        topics=TOPICS,
        folds=FOLDS,
        derive={CARDS: card_fields},
        row_of_parked=row_of_parked,
        collections=(CARDS, CALENDARS, orgs.ORGS, programs.PROGRAMS),
        singles=frozenset(_ON_A_CARD.values()),
        yearly=True,
        dated=1.0,
        topics_version=2,
    )
