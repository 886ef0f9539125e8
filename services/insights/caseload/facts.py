"""The facts of which cards are made, as they stand in a row."""

from __future__ import annotations

from services.chassis.views.facts import FactOf, named
from services.insights.caseload.domain.card import (
    FlagAnswer,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Relationship,
    Session,
    Survey,
    Trial,
    TrialState,
)
from services.insights.facts import goals, observations, trials
from services.insights.program.domain import Enrollment

ANSWERED = "answers"
RELATIONSHIPS = FactOf(Relationship)
GOALS = FactOf(Goal, state=named(GoalState, goals.STATES, GoalState.UNKNOWN))
OBSERVATIONS = FactOf(
    Observation, state=named(ObservationState, observations.STATES, ObservationState.UNKNOWN)
)
SURVEYS = FactOf(Survey)
SESSIONS = FactOf(Session)
ENROLLMENTS = FactOf(Enrollment)
ANSWERS = FactOf(FlagAnswer)
TRIALS = FactOf(Trial, state=named(TrialState, trials.STATES, TrialState.UNKNOWN))
