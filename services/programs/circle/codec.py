"""Circles: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import circle_events_pb2 as published
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.circle.domain import Circle
from services.programs.circle.outline import Changed, CircleEvent, CircleKind, CircleState
from services.programs.relationship.domain import Work

CIRCLE_EVENTS = messages_of(published.DESCRIPTOR, "Circle", CircleEvent, Last)
_KINDS = numbers_of(CircleKind, published.CircleKind.DESCRIPTOR)
_STATES = numbers_of(CircleState, published.CircleState.DESCRIPTOR)
_WORK = numbers_of(Work, relationships.Work.DESCRIPTOR)


def circle_snapshot(circle: Circle) -> published.CircleSnapshot:
    """What is published of it: neither who has paused it nor who was of it."""
    return published.CircleSnapshot(
        circle_id=circle.id,
        kind=_KINDS[circle.kind],
        school_year=circle.school_year,
        state=_STATES[circle.state],
        members=[
            published.CircleMember(
                teacher_id=each.person,
                joined=each.joined,
                shows=[_WORK[work] for work in each.shows],
            )
            for each in circle.members
        ],
        facilitator_id=circle.facilitator,
        proposed_by=circle.proposed_by,
        proposed_at=stamp(circle.proposed_at),
        began_at=stamp(circle.began_at),
        ended_at=stamp(circle.ended_at),
    )


def encode_circle(circle: Circle, changed: Changed | Last) -> EncodedEvent:
    """One record for each of its members and those who have just left it."""
    if isinstance(changed, Last):
        event: CircleEvent | Last = changed
        left = tuple(each for each in circle.people if circle.member(each) is None)
        told = published.CircleSnapshot(circle_id=circle.id)
    else:
        event, left, told = changed.event, changed.left, circle_snapshot(circle)
    members = (each.person for each in circle.members)
    keys = keys_about(circle.district, *members, left=left, nobody=circle.id)
    return encoded(CIRCLE_EVENTS[event](circle=told), keys, circle.school_year)


def _from_the_first(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says when it was proposed first; until then only the last time was kept."""
    return {**state, "first_proposed_at": state["proposed_at"]}


def _as_of(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says as of which version they agree, which was not kept before."""
    return {**state, "agreed": 0}


CIRCLES = AggregateCodec("circle", Circle, encode_circle, [_from_the_first, _as_of])
