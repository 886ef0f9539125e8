"""Answers about shares of goals, over REST and gRPC."""

from __future__ import annotations

from services.access.sharing.domain import Share
from services.access.sharing.resources import (
    ReceivedShareResource,
    ShareResource,
    said_of,
    told_reader,
)
from services.access.sharing.warnings import WarnedBy, warned
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource


class GoalShareResource(ShareResource):
    goal_share_id: str
    goal_id: str
    teacher_id: str
    community_meeting_id: str | None


class ReceivedGoalShareResource(ReceivedShareResource):
    goal_share_id: str
    goal_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    community_meeting_id: str | None


class GoalSharePage(PageResource):
    goal_shares: list[GoalShareResource]


class ReceivedGoalSharePage(PageResource):
    received_shares: list[ReceivedGoalShareResource]


async def goal_share_resource(ports: WarnedBy, share: Share) -> GoalShareResource:
    """A share of a goal, as its owner sees it."""
    return GoalShareResource(
        goal_share_id=share.id,
        goal_id=share.artifact,
        teacher_id=share.teacher,
        community_meeting_id=share.meeting or None,
        **said_of(share, await warned(ports, share)),
    )


def received_goal_share_resource(share: Share) -> ReceivedGoalShareResource:
    return ReceivedGoalShareResource(
        goal_share_id=share.id,
        goal_id=share.artifact,
        teacher_id=share.teacher,
        community_meeting_id=share.meeting or None,
        **told_reader(share),
    )
