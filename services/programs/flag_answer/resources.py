"""Answers about what a coach has said to flags, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.programs.flag_answer.domain import (
    DismissalReason,
    FlagAnswer,
    FlagAnswerKind,
    FlagAnswerState,
)


class FlagAnswerResource(Acted):
    """What a coach has said to a flag, for herself alone."""

    flag_answer_id: str
    coach_id: str
    coach_name: str | None = name_of("coach_id")
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    flag_id: str
    code: str
    answer: FlagAnswerKind
    state: FlagAnswerState
    reason: DismissalReason | None
    until: str | None
    answered_at: datetime
    version: int


def flag_answer_resource(answer: FlagAnswer) -> FlagAnswerResource:
    """What the caller has said to a flag."""
    return FlagAnswerResource(
        flag_answer_id=answer.id,
        coach_id=answer.coach,
        teacher_id=answer.teacher,
        school_year=answer.school_year,
        flag_id=answer.flag_id,
        code=answer.code,
        answer=answer.says.answer,
        state=answer.state,
        reason=answer.says.reason,
        until=answer.says.until or None,
        answered_at=answer.answered_at,
        version=answer.version,
    )
