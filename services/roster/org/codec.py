"""Orgs: stored state and published events."""

from __future__ import annotations

from coaching.roster.v1 import events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.roster.org.domain import Org
from services.roster.record import RosterChange, RosterEvent

ORG_EVENTS = messages_of(published.DESCRIPTOR, "Org", RosterChange)


def org_message(org: Org) -> published.Org:
    return published.Org(
        org_id=org.sourced_id,
        name=org.name,
        type=org.type,
        parent_org_id=org.parent,
        status=published.RecordStatus.Value(f"RECORD_STATUS_{org.status.name}"),
    )


def encode_org(org: Org, event: RosterEvent) -> EncodedEvent:
    return encoded(
        ORG_EVENTS[event.change](org=org_message(org)), (f"{org.district}:{org.sourced_id}",)
    )


ORGS = AggregateCodec("org", Org, encode_org)
