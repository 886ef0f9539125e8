"""What a teacher has to know of her coach before she accepts."""

from __future__ import annotations

from services.access.coaching import to_be_told
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Acknowledgment, Relationship


async def needed_of(ports: Ports, relationship: Relationship) -> tuple[Acknowledgment, ...]:
    """What is true of the coach today."""
    leads = await coach_leads(ports, relationship)
    return (Acknowledgment.COACH_LEADS,) if leads else ()


async def coach_leads(ports: Ports, relationship: Relationship) -> bool:
    """Whether the coach leads or administers today, as far as is known."""
    district = relationship.district
    coach = await ports.access.profile(district, relationship.coach)
    today, rules = ports.access.today(district), ports.access.rules(district)
    return coach is not None and to_be_told(coach, today, rules)
