"""Orders to erase one thing: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.privacy.v1 import artifact_erasure_events_pb2 as published
from services.access.holds import said
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.artifact_erasure.domain import (
    ArtifactErasure,
    ArtifactErasureEvent,
    ArtifactErasureState,
    ArtifactKind,
)

ARTIFACT_ERASURE_EVENTS = messages_of(published.DESCRIPTOR, "ArtifactErasure", ArtifactErasureEvent)
_STATES = numbers_of(ArtifactErasureState, published.ArtifactErasureState.DESCRIPTOR)
_KINDS = numbers_of(ArtifactKind, published.ArtifactKind.DESCRIPTOR)


def artifact_erasure_snapshot(each: ArtifactErasure) -> published.ArtifactErasureSnapshot:
    """Never why."""
    return published.ArtifactErasureSnapshot(
        artifact_erasure_id=each.id,
        kind=_KINDS[each.kind],
        artifact_id=each.artifact,
        person_id=each.person,
        state=_STATES[each.state],
        ordered_at=stamp(each.ordered_at),
        own=each.own,
        record_ids=each.records,
        asked_at=stamp(each.asked_at),
        since=stamp(each.since),
        done_at=stamp(each.done_at),
        legal_holds=said(each.holds),
        legal_holds_known=each.holds is not None,
    )


def encode_artifact_erasure(each: ArtifactErasure, event: ArtifactErasureEvent) -> EncodedEvent:
    snapshot = artifact_erasure_snapshot(each)
    message = ARTIFACT_ERASURE_EVENTS[event](artifact_erasure=snapshot)
    return encoded(message, (f"{each.district}:{each.person}",))


def _of_no_holds(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says which holds were on others."""
    return {**state, "holds": None}


def _of_fewer_kinds(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 may name an entry of a planning record: what knows none must not write over it."""
    return state


ARTIFACT_ERASURES = AggregateCodec(
    "artifact_erasure",
    ArtifactErasure,
    encode_artifact_erasure,
    [_of_no_holds, _of_fewer_kinds],
)
