"""Answers about orders to erase one thing, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Written
from services.privacy.artifact_erasure.domain import (
    ArtifactErasure,
    ArtifactErasureState,
    ArtifactKind,
)


class ArtifactErasureResource(Acted):
    """What was ordered about one thing."""

    artifact_erasure_id: str
    kind: ArtifactKind = Field(description="What kind of thing")
    artifact_id: str = Field(description="Which one")
    person_id: str
    person_name: str | None = name_of("person_id")
    state: ArtifactErasureState
    own: bool = Field(description="Whether the person has ordered it herself")
    ordered_by: str = Field(description="Who ordered it")
    ordered_by_name: str | None = name_of("ordered_by")
    ordered_at: datetime = Field(description="When")
    reason: Written
    done_at: datetime | None = Field(
        description="When it was found to be gone, or not to be there; null before"
    )
    erased: int = Field(
        description="How many things it has erased: with what hung on it and went not by itself"
    )
    proof: str = Field(
        description="SHA-256 of the order, its times and the number; empty before it is done"
    )
    version: int


class ArtifactErasurePage(PageResource):
    artifact_erasures: list[ArtifactErasureResource]


def artifact_erasure_resource(each: ArtifactErasure) -> ArtifactErasureResource:
    """What was ordered about one thing, how far it is, and the proof."""
    return ArtifactErasureResource(
        artifact_erasure_id=each.id,
        kind=each.kind,
        artifact_id=each.artifact,
        person_id=each.person,
        state=each.state,
        own=each.own,
        ordered_by=each.ordered_by,
        ordered_at=each.ordered_at,
        reason=each.reason,
        done_at=each.done_at,
        erased=each.erased,
        proof=each.proof,
        version=each.version,
    )
