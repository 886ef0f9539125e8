"""Answers to flags: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.programs.v1 import flag_answer_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.flag_answer.domain import (
    FlagAnswer,
    FlagAnswerEvent,
    FlagAnswerKind,
    FlagAnswerState,
)

FLAG_ANSWER_EVENTS = messages_of(published.DESCRIPTOR, "FlagAnswer", FlagAnswerEvent, Last)
_KINDS = numbers_of(FlagAnswerKind, published.FlagAnswerKind.DESCRIPTOR)
_STATES = numbers_of(FlagAnswerState, published.FlagAnswerState.DESCRIPTOR)


def flag_answer_snapshot(answer: FlagAnswer) -> published.FlagAnswerSnapshot:
    """What is published of it: not why a flag was dismissed."""
    return published.FlagAnswerSnapshot(
        flag_answer_id=answer.id,
        coach_id=answer.coach,
        teacher_id=answer.teacher,
        school_year=answer.school_year,
        flag_id=answer.flag_id,
        answer=_KINDS[answer.says.answer],
        state=_STATES[answer.state],
        until=answer.says.until,
        answered_at=stamp(answer.answered_at),
        transferred_from_id=answer.teacher_before,
    )


def encode_flag_answer(answer: FlagAnswer, event: FlagAnswerEvent | Last) -> EncodedEvent:
    told = flag_answer_snapshot(answer)
    if event is Last.ERASED:
        told = published.FlagAnswerSnapshot(flag_answer_id=answer.id)
    left: tuple[str, ...] = ()
    if event in (FlagAnswerEvent.TRANSFERRED, Last.ERASED) and answer.teacher_before:
        left = (answer.teacher_before,)
    keys = keys_about(answer.district, answer.teacher, left=left)
    return encoded(FLAG_ANSWER_EVENTS[event](flag_answer=told), keys, answer.school_year)


FLAG_ANSWERS = AggregateCodec("flag_answer", FlagAnswer, encode_flag_answer)
