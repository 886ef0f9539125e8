"""What ties a teacher to classes and coaches, for use cases whose rules speak of it."""

from __future__ import annotations

from services.access.access import Access
from services.chassis.kernel import invalid


async def check_class(access: Access, district: str, teacher: str, class_id: str) -> None:
    """Raises Fault INVALID at `/class_id` unless the roster says that she teaches it now. An
    empty id is no class, and fine."""
    if not class_id:
        return
    profile = await access.profile(district, teacher)
    if profile is None or class_id not in profile.classes:
        raise invalid("unknown_class", "The teacher has no such class.", "/class_id")


async def coaches(access: Access, district: str, coach: str, teacher: str) -> bool:
    """Whether she coaches her now."""
    profile = await access.profile(district, teacher)
    return profile is not None and profile.active and coach in profile.coaches
