"""Requests for coaching: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import coaching_request_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.request.domain import (
    CoachingRequest,
    CoachingRequestEvent,
    RequestStanding,
)

COACHING_REQUEST_EVENTS = messages_of(
    published.DESCRIPTOR, "CoachingRequest", CoachingRequestEvent, Last
)
_STANDINGS = numbers_of(RequestStanding, published.RequestStanding.DESCRIPTOR)


def coaching_request_snapshot(request: CoachingRequest) -> published.CoachingRequestSnapshot:
    """What is published of it: neither how it was over nor when she would like coaching and what
    she says to it."""
    return published.CoachingRequestSnapshot(
        coaching_request_id=request.id,
        coaching_round_id=request.round,
        program_id=request.program,
        teacher_id=request.teacher,
        school_year=request.school_year,
        standing=_STANDINGS[request.standing],
        option_ids=request.wishes.options,
        asked_at=stamp(request.asked_at),
        coach_id=request.coach,
        over_at=stamp(request.over_at),
        transferred_from_id=request.transferred_from,
    )


def encode_coaching_request(
    request: CoachingRequest, event: CoachingRequestEvent | Last
) -> EncodedEvent:
    told = coaching_request_snapshot(request)
    if event is Last.ERASED:
        told = published.CoachingRequestSnapshot(coaching_request_id=request.id)
    left: tuple[str, ...] = ()
    if event in (CoachingRequestEvent.TRANSFERRED, Last.ERASED) and request.transferred_from:
        left = (request.transferred_from,)
    keys = keys_about(request.district, request.teacher, left=left)
    message = COACHING_REQUEST_EVENTS[event](coaching_request=told)
    return encoded(message, keys, request.school_year)


def _nothing_said(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says for which grades, subjects and languages; of older ones nobody said."""
    teaching: dict[str, Any] = {"grades": [], "subjects": [], "languages": []}
    return {**state, "wishes": {**state["wishes"], "teaching": teaching}}


COACHING_REQUESTS = AggregateCodec(
    "coaching_request", CoachingRequest, encode_coaching_request, [_nothing_said]
)
