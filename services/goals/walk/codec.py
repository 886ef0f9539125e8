"""Walks: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.goals.v1 import walk_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.walk.domain import Walk, WalkEvent
from services.goals.walk.outline import OfferKind, WalkState, WalkSummary

WALK_EVENTS = messages_of(published.DESCRIPTOR, "Walk", WalkEvent, Last)
_STATES = numbers_of(WalkState, published.WalkState.DESCRIPTOR)
_KINDS = numbers_of(OfferKind, published.OfferKind.DESCRIPTOR)


def walk_snapshot(walk: Walk) -> published.WalkSnapshot:
    """References only: reasons stay here, and so does what was taken back."""
    return published.WalkSnapshot(
        walk_id=walk.id,
        teacher_id=walk.teacher,
        school_year=walk.school_year,
        state=_STATES[walk.state],
        tree_id=walk.tree,
        at_step_id=walk.at_step,
        answers=[
            published.WalkAnswer(step_id=each.step, answer_id=each.answer) for each in walk.answers
        ],
        choices=[
            published.WalkChoice(step_id=each.step, kind=_KINDS[each.kind], offered_id=each.offered)
            for each in walk.choices
        ],
        goal_id=walk.goal,
        started_by=walk.started_by,
        started_at=stamp(walk.started_at),
        ended_at=stamp(walk.ended_at),
        transferred_from_id=walk.transferred_from,
    )


def encode_walk(walk: Walk, event: WalkEvent | Last) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.WalkSnapshot(walk_id=walk.id)
        before = (walk.transferred_from,) if walk.transferred_from else ()
        keys = keys_about(walk.district, walk.teacher, left=before)
        return encoded(WALK_EVENTS[event](walk=only), keys, walk.school_year)
    gave = [walk.transferred_from] if event is WalkEvent.TRANSFERRED else []
    keys = keys_about(walk.district, walk.teacher, left=gave)
    return encoded(WALK_EVENTS[event](walk=walk_snapshot(walk)), keys, walk.school_year)


WALKS = AggregateCodec("walk", Walk, encode_walk)
WALK_SUMMARIES = SummaryCodec(WALKS, WalkSummary)
