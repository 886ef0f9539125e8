"""Rounds: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import coaching_round_events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.round.domain import CoachingRound, CoachingRoundEvent

COACHING_ROUND_EVENTS = messages_of(published.DESCRIPTOR, "CoachingRound", CoachingRoundEvent)


def coaching_round_snapshot(each: CoachingRound) -> published.CoachingRoundSnapshot:
    """What is published of it: neither its words nor who has a place with whom."""
    return published.CoachingRoundSnapshot(
        coaching_round_id=each.id,
        program_id=each.program,
        school_year=each.school_year,
        option_ids=[option.id for option in each.says.options],
        begin_date=each.says.begins,
        end_date=each.says.ends,
        capacity=each.says.capacity,
        granted_count=len(each.places),
        opened_at=stamp(each.opened_at),
        closed_at=stamp(each.closed_at),
    )


def encode_coaching_round(each: CoachingRound, event: CoachingRoundEvent) -> EncodedEvent:
    told = coaching_round_snapshot(each)
    if event is CoachingRoundEvent.GRANTED:
        told.granted_request_id = each.placed[-1]
    keys = keys_about(each.district, nobody=each.id)
    return encoded(COACHING_ROUND_EVENTS[event](coaching_round=told), keys, each.school_year)


def _without_when(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 does not say when a place was given: nothing was ever told by that."""
    places = [
        {name: said for name, said in each.items() if name != "granted_at"}
        for each in state["places"]
    ]
    return {**state, "places": places}


COACHING_ROUNDS = AggregateCodec(
    "coaching_round", CoachingRound, encode_coaching_round, [_without_when]
)
