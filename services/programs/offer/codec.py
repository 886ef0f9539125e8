"""Coaches' offers: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import coaching_offer_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.offer.domain import CoachingOffer, CoachingOfferEvent, OfferState

COACHING_OFFER_EVENTS = messages_of(published.DESCRIPTOR, "CoachingOffer", CoachingOfferEvent, Last)
_STATES = numbers_of(OfferState, published.OfferState.DESCRIPTOR)


def coaching_offer_snapshot(offer: CoachingOffer) -> published.CoachingOfferSnapshot:
    """What is published of it: not for whom she offers to coach, nor how many."""
    return published.CoachingOfferSnapshot(
        coaching_offer_id=offer.id,
        coaching_round_id=offer.round,
        program_id=offer.program,
        coach_id=offer.coach,
        school_year=offer.school_year,
        state=_STATES[offer.state],
        offered_at=stamp(offer.offered_at),
        transferred_from_id=offer.transferred_from,
    )


def encode_coaching_offer(offer: CoachingOffer, event: CoachingOfferEvent | Last) -> EncodedEvent:
    told = coaching_offer_snapshot(offer)
    if event is Last.ERASED:
        told = published.CoachingOfferSnapshot(coaching_offer_id=offer.id)
    left: tuple[str, ...] = ()
    if event in (CoachingOfferEvent.TRANSFERRED, Last.ERASED) and offer.transferred_from:
        left = (offer.transferred_from,)
    keys = keys_about(offer.district, offer.coach, left=left)
    message = COACHING_OFFER_EVENTS[event](coaching_offer=told)
    return encoded(message, keys, offer.school_year)


def _never_moved(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says in which version it was transferred; of older ones that is not known, and they
    go back as they are."""
    return {**state, "moved_in": 0}


COACHING_OFFERS = AggregateCodec(
    "coaching_offer", CoachingOffer, encode_coaching_offer, [_never_moved]
)
