"""A pending or journaled event as BSON: one shape for the outbox and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chassis.log.envelope import Entry, PendingEvent

# Fields that most events leave empty, and how they are then read.
_OPTIONAL: dict[str, Any] = {
    "year": 0,
    "trace": "",
    "correlation": "",
    "causation": "",
    "erases": False,
    "made_at": None,
}


def to_stored(event: PendingEvent) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "version": event.version,
        "event_id": event.event_id,
        "type": event.type,
        "keys": list(event.keys),
        "data": event.data,
        "at": event.occurred_at,
    }
    stored.update(
        (name, value) for name in _OPTIONAL if (value := getattr(event, name)) != _OPTIONAL[name]
    )
    if event.entries:
        stored["entries"] = [
            {"kind": each.kind, "number": each.number, "schema": each.schema, "state": each.state}
            for each in event.entries
        ]
    return stored


def from_stored(stored: Mapping[str, Any]) -> PendingEvent:
    return PendingEvent(
        version=stored["version"],
        event_id=stored["event_id"],
        type=stored["type"],
        keys=tuple(stored["keys"]),
        data=stored["data"],
        occurred_at=stored["at"],
        **{name: stored.get(name, empty) for name, empty in _OPTIONAL.items()},
        entries=tuple(Entry(**each) for each in stored.get("entries", ())),
    )
