"""Answers about records that may be one person, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource
from services.roster.match.cases import Ports, both_active
from services.roster.match.domain import Match, MatchReason, MatchState


class MatchResource(Acted):
    match_id: str
    from_person_id: str = Field(description="The record that is given up")
    from_person_name: str | None = name_of("from_person_id")
    into_person_id: str = Field(description="The record that is kept")
    into_person_name: str | None = name_of("into_person_id")
    reason: MatchReason = Field(description="Why they may be one person")
    both_active: bool = Field(
        description="Both are in the roster now, as two people would be: look twice"
    )
    state: MatchState
    proposed_by: str | None = Field(description="Who proposed it; null: an import")
    proposed_by_name: str | None = name_of("proposed_by")
    proposed_at: datetime
    decided_by: str | None = Field(
        description="Who decided it; null where nobody has, or a setting"
    )
    decided_by_name: str | None = name_of("decided_by")
    decided_at: datetime | None
    staying_grant_ids: list[str] = Field(
        description="Once separated: grants that were given, or changed, while the two were one, "
        "and stay with the record that is kept, at most 100: look whether they are meant"
    )
    staying_cover_ids: list[str] = Field(description="As `staying_grant_ids`, of covers")
    staying_more: int = Field(description="How many stay besides those that are listed")
    version: int


class MatchPage(PageResource):
    matches: list[MatchResource]


async def match_resource(ports: Ports, match: Match) -> MatchResource:
    """Two records of the roster that may be one person."""
    return MatchResource(
        match_id=match.id,
        from_person_id=match.source,
        into_person_id=match.target,
        reason=match.reason,
        both_active=await both_active(ports, match),
        state=match.state,
        proposed_by=match.proposed_by or None,
        proposed_at=match.proposed_at,
        decided_by=match.decided_by or None,
        decided_at=match.decided_at,
        staying_grant_ids=list(match.staying.grants),
        staying_cover_ids=list(match.staying.covers),
        staying_more=match.staying.more,
        version=match.version,
    )
