"""Partners: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.privacy.v1 import partner_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.partner.domain import Partner, PartnerEvent, PartnerState

PARTNER_EVENTS = messages_of(published.DESCRIPTOR, "Partner", PartnerEvent)
_STATES = numbers_of(PartnerState, published.PartnerState.DESCRIPTOR)


def partner_snapshot(partner: Partner) -> published.PartnerSnapshot:
    """What decides what its tokens open."""
    return published.PartnerSnapshot(
        partner_id=partner.partner,
        state=_STATES[partner.state],
        scopes=partner.terms.scopes,
        until=stamp(partner.terms.until),
        registered_at=stamp(partner.registered_at),
        behind=bool(partner.overdue),
    )


def encode_partner(partner: Partner, event: PartnerEvent) -> EncodedEvent:
    """Under its own id, which follows from the district and the client: so whoever reads it finds
    it by the client that a token names."""
    message = PARTNER_EVENTS[event](partner=partner_snapshot(partner))
    return encoded(message, keys_about(partner.district, partner.id))


def _none_overdue(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says which of its receipts are overdue."""
    return {**state, "overdue": []}


def _all_registered(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 knows ones that nobody has registered."""
    return state


PARTNERS = AggregateCodec("partner", Partner, encode_partner, [_none_overdue, _all_registered])
