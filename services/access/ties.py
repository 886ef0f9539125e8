"""What ties a teacher to classes and goals, for use cases whose rules speak of it."""

from __future__ import annotations

from services.access.access import Access
from services.access.classes import has_class
from services.chassis.call import Call
from services.chassis.kernel import invalid


async def check_class(access: Access, district: str, teacher: str, class_id: str) -> None:
    """Raises Fault INVALID at `/class_id` unless she teaches it now, or covers it today. An empty
    id is no class, and fine."""
    if not class_id:
        return
    profile, today = await access.profile(district, teacher), access.today(district)
    if profile is None or not await has_class(access, district, profile, today, class_id):
        raise invalid("unknown_class", "The teacher has no such class.", "/class_id")


async def check_goal(access: Access, call: Call, teacher: str, goal_id: str) -> None:
    """Raises Fault INVALID at `/goal_id` unless it is a goal of hers, and the caller she herself or
    a coach who is shown her goals: to any other each id is as good as none. One that was drafted a
    moment ago may not be known yet. An empty id is no goal, and fine."""
    if not goal_id:
        return
    shown = "goal" in await access.sees(call, teacher)
    profile = await access.profile(call.district, teacher)
    if not shown or profile is None or goal_id not in profile.goals:
        detail = "You are shown no such goal of the teacher, or not yet."
        raise invalid("unknown_goal", detail, "/goal_id")
