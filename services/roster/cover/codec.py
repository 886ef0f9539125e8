"""Covers: stored state and published events."""

from __future__ import annotations

from typing import Any

from coaching.roster.v1 import cover_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.roster.cover.domain import Cover, CoverEvent, CoverState

COVER_EVENTS = messages_of(published.DESCRIPTOR, "Cover", CoverEvent)
_STATES = numbers_of(CoverState, published.CoverState.DESCRIPTOR)


def cover_snapshot(cover: Cover) -> published.CoverSnapshot:
    return published.CoverSnapshot(
        cover_id=cover.id,
        teacher_id=cover.teacher,
        substitute_id=cover.substitute,
        class_ids=cover.classes,
        owner_id=cover.owner,
        begin_date=cover.begins,
        end_date=cover.ends,
        school_year=cover.school_year,
        state=_STATES[cover.state],
        entered_at=stamp(cover.entered_at),
        ended_at=stamp(cover.ended_at),
        teacher_before_id=cover.teacher_before,
        substitute_before_id=cover.substitute_before,
    )


def encode_cover(cover: Cover, event: CoverEvent) -> EncodedEvent:
    message = COVER_EVENTS[event](cover=cover_snapshot(cover))
    before = (cover.substitute_before, cover.teacher_before)
    left = [each for each in before if each] if event is CoverEvent.TRANSFERRED else ()
    keys = keys_about(cover.district, cover.substitute, cover.teacher, left=left)
    return encoded(message, keys)


def _transferred_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says whose it was before two records of one person became one."""
    return {**state, "teacher_before": "", "substitute_before": ""}


COVERS = AggregateCodec("cover", Cover, encode_cover, [_transferred_from_nobody])
