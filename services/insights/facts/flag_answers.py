"""What events say of what a coach has said to flags: for nobody but her."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import flag_answer_events_pb2 as answers
from services.chassis.views.projection import Event
from services.chassis.words import events_with
from services.insights.facts.reading import about_teacher

TYPES = events_with(answers.FlagAnswerSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> answers.FlagAnswerSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: answers.FlagAnswerSnapshot = message.flag_answer
    about_teacher(event, said)
    return said


def given(said: answers.FlagAnswerSnapshot) -> bool:
    """Whether it stands; of a state that this build does not know it does not."""
    return said.state == answers.FLAG_ANSWER_STATE_GIVEN


def dismissed(said: answers.FlagAnswerSnapshot) -> bool:
    return said.answer == answers.FLAG_ANSWER_KIND_DISMISSED
