"""Grants: stored state and published events."""

from __future__ import annotations

from coaching.roster.v1 import grant_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.roster.grant.domain import Grant, GrantEvent, GrantRole, GrantState

GRANT_EVENTS = messages_of(published.DESCRIPTOR, "Grant", GrantEvent)
_STATES = numbers_of(GrantState, published.GrantState.DESCRIPTOR)
_ROLES = numbers_of(GrantRole, published.GrantRole.DESCRIPTOR)


def grant_snapshot(grant: Grant) -> published.GrantSnapshot:
    return published.GrantSnapshot(
        grant_id=grant.id,
        person_id=grant.person,
        role=_ROLES[grant.role],
        org_ids=grant.orgs,
        person_ids=grant.people,
        owner_id=grant.owner,
        begin_date=grant.begins,
        end_date=grant.ends,
        state=_STATES[grant.state],
        given_at=stamp(grant.given_at),
        ended_at=stamp(grant.ended_at),
    )


def encode_grant(grant: Grant, event: GrantEvent) -> EncodedEvent:
    message = GRANT_EVENTS[event](grant=grant_snapshot(grant))
    return encoded(message, (f"{grant.district}:{grant.person}",))


GRANTS = AggregateCodec("grant", Grant, encode_grant)
