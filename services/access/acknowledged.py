"""Whether a teacher has acknowledged what her district and its teachers have agreed on: where the
data-use policy in force says so, nothing of hers is shared before."""

from __future__ import annotations

from services.access.access import Access
from services.chassis.kernel import conflict


async def check_acknowledged(access: Access, district: str, teacher: str) -> None:
    """Raises Fault CONFLICT `policy_not_acknowledged` where she has to and has not, as far as this
    service knows; also where it cannot read what is in force. Nothing where there is no policy."""
    rules = await access.in_force(district)
    if rules is None or not rules.acknowledge:
        return
    profile = await access.profile(district, teacher)
    statement = rules.statement
    if profile is None or not statement or statement not in profile.acknowledged:
        told = (
            "The teacher has not acknowledged the statement of the data-use policy in force, or "
            "did so a moment ago."
        )
        raise conflict("policy_not_acknowledged", told)
