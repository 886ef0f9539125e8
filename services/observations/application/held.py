"""When an observation took place, by what is done with it."""

from __future__ import annotations

from datetime import datetime

from services.chassis.kernel import conflict
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


def held_early(ports: Ports, observation: Observation, now: datetime) -> bool:
    """Whether its day, in the district, is still to come. Raises CONFLICT where that day is in
    the next school year: it would be on this one's card."""
    days, district, planned = ports.days, observation.district, observation.scheduled_for
    if days.day_of(district, planned) <= days.day_of(district, now):
        return False
    if days.school_year_of(district, planned) != days.school_year_of(district, now):
        detail = "It is planned for the next school year: cancel it and plan another."
        raise conflict("another_school_year", detail)
    return True
