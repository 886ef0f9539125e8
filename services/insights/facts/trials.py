"""What events say of trials of strategies: never what anybody wrote."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import trial_events_pb2 as trials
from services.chassis.views.projection import Event
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import about_teacher, state_name

STATES = words_of(trials.TrialState.DESCRIPTOR)
TYPES = events_with(trials.TrialSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> trials.TrialSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: trials.TrialSnapshot = message.trial
    about_teacher(event, said)
    return said


def state(said: trials.TrialSnapshot) -> str:
    """As others are told it: older builds have said, too, that one was declined."""
    name = state_name(STATES, said.state, "a trial")
    return "withdrawn" if name == "declined" else name
