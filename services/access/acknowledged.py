"""Whether a teacher has acknowledged what her district and its teachers have agreed on: where the
data-use policy in force says so, nothing of hers is shared before."""

from __future__ import annotations

from services.access.access import Access
from services.chassis.kernel import conflict


async def unacknowledged(access: Access, district: str, teacher: str) -> str | None:
    """The statement that she has to acknowledge and has not, as far as this service knows; empty
    where it cannot read what is in force, None where nothing is wanted of her."""
    rules = await access.in_force(district)
    if rules is None or not rules.acknowledge:
        return None
    profile = await access.profile(district, teacher)
    has = rules.statement and profile is not None and rules.statement in profile.acknowledged
    return None if has else rules.statement


async def check_acknowledged(access: Access, district: str, teacher: str) -> None:
    """Raises Fault CONFLICT `policy_not_acknowledged` where she has to and has not, as far as this
    service knows; also where it cannot read what is in force. Nothing where there is no policy."""
    if await unacknowledged(access, district, teacher) is not None:
        told = (
            "The teacher has not acknowledged the statement of the data-use policy in force, or "
            "did so a moment ago."
        )
        raise conflict("policy_not_acknowledged", told)
