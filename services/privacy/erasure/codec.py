"""Orders to erase: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.privacy.v1 import erasure_events_pb2 as published
from services.access.holds import said
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.erasure.domain import Erasure, ErasureEvent, ErasureState

ERASURE_EVENTS = messages_of(published.DESCRIPTOR, "Erasure", ErasureEvent)
_STATES = numbers_of(ErasureState, published.ErasureState.DESCRIPTOR)


def erasure_snapshot(erasure: Erasure) -> published.ErasureSnapshot:
    """Never why."""
    return published.ErasureSnapshot(
        erasure_id=erasure.id,
        person_id=erasure.person,
        state=_STATES[erasure.state],
        ordered_at=stamp(erasure.ordered_at),
        done_at=stamp(erasure.done_at),
        record_ids=erasure.records,
        legal_holds=said(erasure.holds),
        legal_holds_known=erasure.holds is not None,
    )


def encode_erasure(erasure: Erasure, event: ErasureEvent) -> EncodedEvent:
    message = ERASURE_EVENTS[event](erasure=erasure_snapshot(erasure))
    return encoded(message, (f"{erasure.district}:{erasure.person}",))


def _of_one_record(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says which records of a person it is about."""
    return {**state, "records": [], "begins_at": None}


def _of_no_holds(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says which holds were on others."""
    return {**state, "holds": None}


def _of_one_order(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 keeps the proofs of earlier orders."""
    return {**state, "earlier": []}


_UPCASTERS = [_of_one_record, _of_no_holds, _of_one_order]
ERASURES = AggregateCodec("erasure", Erasure, encode_erasure, _UPCASTERS)
