"""What a teacher has to know of her coach before she accepts."""

from __future__ import annotations

from services.goals.application.ports import Ports
from services.goals.domain.relationship import Acknowledgment, Relationship


async def needed_of(ports: Ports, relationship: Relationship) -> tuple[Acknowledgment, ...]:
    """What is true of the coach today."""
    leads = await coach_leads(ports, relationship)
    return (Acknowledgment.COACH_LEADS,) if leads else ()


async def coach_leads(ports: Ports, relationship: Relationship) -> bool:
    """Whether the coach leads a school or administers today."""
    district = relationship.district
    coach = await ports.access.profile(district, relationship.coach)
    return coach is not None and coach.leads(ports.access.today(district))
