"""What grants let in whom no role of the roster does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.access.coaching import granted_coaching
from services.access.decision import Decision
from services.access.directory import Directory
from services.access.policy import Policy
from services.access.profile import Profile


async def by_grant(
    people: Directory,
    policy: Policy,
    district: str,
    caller: Profile,
    today: date,
    teacher: str | None,
    parties: Collection[str],
    org: str,
) -> Decision:
    """By a grant to coach (where there is an `org`, one that names it), or to lead programs: of
    what is about a teacher one that reaches her, of what names `parties` as one of them."""
    if policy.coaching and (granted := granted_coaching(caller, today, org)):
        return Decision("coaching", granted)
    if policy.program_lead and (not parties or caller.person in parties):
        led = await people.profile(district, teacher) if teacher is not None else None
        if (teacher is None or led) and (granted := caller.granted_programs(today, led)):
            return Decision("program_lead", granted)
    return Decision("")
