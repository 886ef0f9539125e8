"""Documents and idempotency keys as MongoDB stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.chassis.field_names import field_name, from_field_name
from services.chassis.kernel import DeviceTime
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import (
    DEVICE_TIMES,
    RECENT_KEYS,
    Document,
    KeyUse,
    forgotten,
)
from services.chassis.write.stored_events import to_stored

DATED = "device_times"  # beside the state: it is the same of whatever aggregate
TOMBSTONE = "tombstone"  # the kind of what was erased: nobody asks for it


def document_of(stored: Mapping[str, Any]) -> Document:
    created = stored.get("created")
    uses = [KeyUse(**created, version=1)] if created else []
    for caller, used in stored.get("used", {}).items():
        uses += [_use_of(from_field_name(caller), **use) for use in used]
    uses.sort(key=lambda use: use.version)
    return Document(
        id=stored["_id"],
        kind=stored["kind"],
        district=stored["district"],
        version=stored["version"],
        state=stored["state"],
        keys=tuple(uses),
        schema=stored.get("schema", 1),
        changed_at=stored.get("changed_at"),
        device_times=tuple(DeviceTime(**each) for each in stored.get(DATED, ())),
    )


def dated(document: Document, event: PendingEvent, *used: KeyUse) -> Document:
    """As of an event, with when a device used a key, of the last 64."""
    times = (*document.device_times, *(use.timed for use in used if use.timed is not None))
    at, kept = event.occurred_at, times[-DEVICE_TIMES:]
    return replace(document, changed_at=at, device_times=kept)


def tombstone_of(before: Document, event: PendingEvent) -> dict[str, Any]:
    """What is left of an aggregate, with the event that says so."""
    return {
        "_id": before.id,
        "kind": TOMBSTONE,
        "was": before.kind,
        "district": before.district,
        "version": event.version,
        "erased_at": event.occurred_at,
        "because": event.causation,
        "outbox": [to_stored(event)],
        "outbox_since": event.occurred_at,
    }


def use_key(update: dict[str, dict[str, Any]], before: Document, key: KeyUse) -> None:
    """Let an update that has `$push` and `$unset` remember a key, and when a device used it."""
    version = key.version if key.changed else -key.version
    use = {"key": key.key, "fingerprint": key.fingerprint, "version": version}
    update["$push"][_used_by(key.caller)] = {"$each": [use], "$slice": -RECENT_KEYS}
    if key.timed is not None:
        update["$push"][DATED] = {"$each": [key.timed._asdict()], "$slice": -DEVICE_TIMES}
    for dropped in forgotten(before.keys, key.caller):
        update["$unset"][_used_by(dropped)] = ""


def _use_of(caller: str, key: str, fingerprint: str, version: int) -> KeyUse:
    """A version below 0 was given by nobody: an older build would not read a field of its own."""
    return KeyUse(key, fingerprint, abs(version), caller, changed=version > 0)


def _used_by(caller: str) -> str:
    return f"used.{field_name(caller)}"
