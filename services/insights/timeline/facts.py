"""The facts of which a timeline is made, as they stand in a row: each row has one."""

from __future__ import annotations

from collections.abc import Mapping

from services.chassis.views.facts import FactOf, listed, named, span
from services.insights.facts import (
    coaching_sessions,
    goals,
    observations,
    relationships,
    surveys,
    trials,
)
from services.insights.timeline.domain import (
    CoachingTime,
    EntryWritten,
    Goal,
    ItemKind,
    Membership,
    Observation,
    Relationship,
    Said,
    State,
    Survey,
    Trial,
)

GOALS = FactOf(Goal, state=named(State, goals.STATES, State.UNKNOWN))
OBSERVATIONS = FactOf(Observation, state=named(State, observations.STATES, State.UNKNOWN))
SURVEYS = FactOf(Survey, state=named(State, surveys.STATES, State.UNKNOWN))
RELATIONSHIPS = FactOf(Relationship, state=named(State, relationships.STATES, State.UNKNOWN))
TRIALS = FactOf(Trial, state=named(State, trials.STATES, State.UNKNOWN))
SESSIONS = FactOf(CoachingTime, state=named(State, coaching_sessions.STATES, State.UNKNOWN))
PLANNING_ENTRIES = FactOf(EntryWritten, state=named(State, {}, State.UNKNOWN))
MEMBERSHIPS = FactOf(Membership, earlier=listed(span))

MADE_AT = "made_at"  # beside any of them: of its newest event, by the device that was offline

AnyFact = (
    FactOf[Goal]
    | FactOf[Observation]
    | FactOf[Survey]
    | FactOf[Relationship]
    | FactOf[CoachingTime]
    | FactOf[Trial]
    | FactOf[EntryWritten]
)

OF_KIND: Mapping[ItemKind, AnyFact]
OF_KIND = {
    ItemKind.GOAL: GOALS,
    ItemKind.OBSERVATION: OBSERVATIONS,
    ItemKind.SURVEY: SURVEYS,
    ItemKind.RELATIONSHIP: RELATIONSHIPS,
    ItemKind.TRIAL: TRIALS,
    ItemKind.COACHING_SESSION: SESSIONS,
    ItemKind.PLANNING_ENTRY: PLANNING_ENTRIES,
}


def said_of(kind: ItemKind, id: str, stored: Mapping[str, object]) -> Said:
    """Raises as `FactOf.read`."""
    return OF_KIND[kind].read(id, stored)
