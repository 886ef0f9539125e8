"""Answers about what people take away from community meetings, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Written
from services.programs.takeaway.domain import Takeaway, TakeawayState


class TakeawayResource(Acted):
    """What somebody takes away from a meeting; without its words where she has taken it back."""

    takeaway_id: str
    community_meeting_id: str
    author_id: str
    author_name: str | None = name_of("author_id")
    school_year: int
    state: TakeawayState
    text: Written
    written_at: datetime
    taken_back_at: datetime | None
    version: int


class TakeawayPage(PageResource):
    takeaways: list[TakeawayResource]


def takeaway_resource(takeaway: Takeaway) -> TakeawayResource:
    """What somebody takes away from a meeting, for who was in it."""
    return TakeawayResource(
        takeaway_id=takeaway.id,
        community_meeting_id=takeaway.meeting,
        author_id=takeaway.author,
        school_year=takeaway.school_year,
        state=takeaway.state,
        text=takeaway.text,
        written_at=takeaway.written_at,
        taken_back_at=takeaway.taken_back_at,
        version=takeaway.version,
    )
