"""What an observer puts right once the teacher was shown it."""

from __future__ import annotations

from pydantic import Field

from services.chassis.call import Call
from services.chassis.fields import Body, Id, Number, Text
from services.chassis.kernel import not_found
from services.observations.observation.cases import NoteText, Ports, in_its_year
from services.observations.observation.domain import Observation


class CorrectScore(Body):
    """What is not named stays as it is; an empty note takes it away."""

    score: Number | None = Field(default=None, examples=[1])
    note: NoteText | None = Field(default=None, examples=["Asked why after giving the answer"])
    reason: Text = Field(examples=["Mistyped"])


async def correct_score(
    ports: Ports, call: Call, observation_id: Id, criterion_id: Id, asked: CorrectScore
) -> Observation:
    """Put right a score or a note that the teacher was shown, or was forgotten; the observer only,
    in the observation's school year and its grace. What it was before is kept."""
    return await _corrected(
        ports, call, observation_id, criterion_id, asked.score, asked.note, asked.reason
    )


class CorrectLessonNote(Body):
    note: NoteText = Field(examples=["A lively lesson"], description="An empty one takes it away")
    reason: Text = Field(examples=["Mistyped"])


async def correct_lesson_note(
    ports: Ports, call: Call, observation_id: Id, asked: CorrectLessonNote
) -> Observation:
    """Put the note about the whole lesson right that the teacher was shown, as `correct_score`."""
    return await _corrected(ports, call, observation_id, "", None, asked.note, asked.reason)


async def _corrected(
    ports: Ports,
    call: Call,
    observation_id: str,
    criterion: str,
    score: float | None,
    note: str | None,
    reason: str,
) -> Observation:
    async def act(observation: Observation) -> None:
        by, now = call.principal.person, ports.clock.now()
        observation.check_correct(by, now)
        in_its_year(ports, observation, now)
        tool = await ports.tools.tool(observation.district, observation.tool)
        if tool is None:  # published tools stay: only a damaged store gets here
            raise not_found()
        observation.correct_score(by, now, tool.criteria, criterion, score, note, reason)

    return await ports.observations.change(call, observation_id, act)


class VoidScore(Body):
    reason: Text = Field(examples=["By the wrong criterion"])


async def void_score(
    ports: Ports, call: Call, observation_id: Id, criterion_id: Id, asked: VoidScore
) -> Observation:
    """Let a score that the teacher was shown no longer count, for good; the observer only, in the
    observation's school year and its grace."""

    def act(observation: Observation) -> None:
        by, now = call.principal.person, ports.clock.now()
        observation.check_correct(by, now)
        in_its_year(ports, observation, now)
        observation.void_score(by, now, criterion_id, asked.reason)

    return await ports.observations.change(call, observation_id, act)
