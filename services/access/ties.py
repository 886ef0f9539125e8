"""What ties a teacher to classes and goals, for use cases whose rules speak of it."""

from __future__ import annotations

from services.access.directory import Directory
from services.chassis.kernel import invalid


async def check_class(people: Directory, district: str, teacher: str, class_id: str) -> None:
    """Raises Fault INVALID at `/class_id` unless the roster says that she teaches it now. An
    empty id is no class, and fine."""
    if not class_id:
        return
    profile = await people.profile(district, teacher)
    if profile is None or class_id not in profile.classes:
        raise invalid("unknown_class", "The teacher has no such class.", "/class_id")


async def check_goal(people: Directory, district: str, teacher: str, goal_id: str) -> None:
    """Raises Fault INVALID at `/goal_id` unless it is a goal of hers. One that was drafted a
    moment ago may not be known yet. An empty id is no goal, and fine."""
    if not goal_id:
        return
    profile = await people.profile(district, teacher)
    if profile is None or goal_id not in profile.goals:
        raise invalid("unknown_goal", "The teacher has no such goal, or not yet.", "/goal_id")
