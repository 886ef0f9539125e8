"""Grants: stored state and published events."""

from __future__ import annotations

from typing import Any

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
        transferred_from_id=grant.transferred_from,
    )


def encode_grant(grant: Grant, event: GrantEvent) -> EncodedEvent:
    message = GRANT_EVENTS[event](grant=grant_snapshot(grant))
    whose = [grant.person]
    if event is GrantEvent.TRANSFERRED and grant.transferred_from:
        whose.append(grant.transferred_from)
    return encoded(message, tuple(f"{grant.district}:{each}" for each in whose))


def _transferred_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says whose it was before two records of one person became one."""
    return {**state, "transferred_from": ""}


def _came_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says which of those whom it reaches are named in place of others."""
    return {**state, "came": []}


def _no_records_officer(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 knows the role of a records officer; an older build must not write over it."""
    return state


def _counting(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says how far it had come when that was told last: of none was anything told, nor is
    it that one has begun."""
    return {**state, "course": "counting"}


GRANTS = AggregateCodec(
    "grant",
    Grant,
    encode_grant,
    [_transferred_from_nobody, _came_from_nobody, _no_records_officer, _counting],
)
