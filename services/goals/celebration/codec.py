"""Celebrations: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import celebration_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.celebration.domain import Celebration, CelebrationEvent
from services.goals.celebration.outline import (
    CelebrationAudience,
    CelebrationFact,
    CelebrationState,
    CelebrationSummary,
)

CELEBRATION_EVENTS = messages_of(published.DESCRIPTOR, "Celebration", CelebrationEvent, Last)
_STATES = numbers_of(CelebrationState, published.CelebrationState.DESCRIPTOR)
_FACTS = numbers_of(CelebrationFact, published.CelebrationFact.DESCRIPTOR)
_AUDIENCES = numbers_of(CelebrationAudience, published.CelebrationAudience.DESCRIPTOR)


def celebration_snapshot(celebration: Celebration) -> published.CelebrationSnapshot:
    """References and days: neither the note nor what was measured."""
    return published.CelebrationSnapshot(
        celebration_id=celebration.id,
        teacher_id=celebration.teacher,
        school_year=celebration.school_year,
        state=_STATES[celebration.state],
        fact=_FACTS[celebration.fact],
        goal_id=celebration.goal,
        trial_id=celebration.trial,
        progress_number=celebration.number,
        audience=_AUDIENCES[celebration.audience],
        sent_by=celebration.sent_by,
        sent_at=stamp(celebration.sent_at),
        put_away_at=stamp(celebration.put_away_at),
        transferred_from_id=celebration.transferred_from,
    )


def encode_celebration(celebration: Celebration, event: CelebrationEvent | Last) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.CelebrationSnapshot(celebration_id=celebration.id)
        before = (celebration.transferred_from,) if celebration.transferred_from else ()
        keys = keys_about(celebration.district, celebration.teacher, left=before)
        erased = CELEBRATION_EVENTS[event](celebration=only)
        return encoded(erased, keys, celebration.school_year)
    gave = [celebration.transferred_from] if event is CelebrationEvent.TRANSFERRED else []
    keys = keys_about(celebration.district, celebration.teacher, left=gave)
    message = CELEBRATION_EVENTS[event](celebration=celebration_snapshot(celebration))
    return encoded(message, keys, celebration.school_year)


def _by_herself(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says whether she sent it herself; in 1 it was taken so where the ids are equal."""
    return {**state, "by_herself": state["sent_by"] == state["teacher"]}


def _as_it_was_sent(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says whether the words are others by now."""
    return {**state, "reworded_at": None, "rewordings": 0}


def _put_away_unseen(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 counts what the teacher alone is told; of 3 the last such change is known, that it
    is put away now."""
    return {**state, "unseen": int(state["state"] == CelebrationState.PUT_AWAY.value)}


CELEBRATIONS = AggregateCodec(
    "celebration", Celebration, encode_celebration, [_by_herself, _as_it_was_sent, _put_away_unseen]
)
CELEBRATION_SUMMARIES = SummaryCodec(CELEBRATIONS, CelebrationSummary)
