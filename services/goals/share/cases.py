"""What callers do with shares of goals."""

from __future__ import annotations

from pydantic import Field

from services.access.sharing import cases as sharing
from services.access.sharing.cases import OfferToMeeting, Ports
from services.access.sharing.domain import Share
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.write.loading import Found
from services.goals.goal.domain import Goal


class CreateGoalShare(OfferToMeeting):
    goal_id: Id = Field(examples=["goal-1"])


async def create_goal_share(ports: Ports, call: Call, asked: CreateGoalShare) -> Share:
    """Let named colleagues, or who is at a meeting, read a goal of the caller's until an end.

    From then on they get it as `get_goal` answers it, until it is over or revoked. Those who are at
    a community meeting read one that aims at students alone, which is measured of a class as a
    whole, once it is no draft: from then on it stays so."""

    def shareable(goal: Goal) -> None:
        goal.check_shareable()
        if asked.community_meeting_id is not None:
            goal.check_of_a_class()

    return await sharing.create(
        ports,
        call,
        asked.goal_id,
        "/goal_id",
        asked,
        shareable,
        asked.community_meeting_id,
    )


async def list_goal_shares(
    ports: Ports, call: Call, *, goal_id: Id | None = None, after: str, limit: int
) -> Found[Share]:
    """The shares that the caller has made, of one goal or all, with those that are over."""
    return await sharing.made_by_owner(ports, call, goal_id, after, limit)


async def list_received_goal_shares(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[Share]:
    """Which goals of others the caller may read by a share now, and until when. A draft that was
    withdrawn since may still stand here, and is not read any more.

    One that is for `once` is not there any more when she has read it."""
    return await sharing.open_to_caller(ports, call, after, limit)
