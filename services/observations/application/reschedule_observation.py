from __future__ import annotations

from datetime import datetime

from services.chassis.call import Call
from services.chassis.kernel import invalid
from services.observations.application.allowed import allow
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def reschedule_observation(
    ports: Ports, call: Call, observation_id: str, *, scheduled_for: datetime
) -> Observation:
    """Move an observation that is not complete to another time; the observer only. Raises
    INVALID for a time in another school year, on whose card it would not be."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        before = ports.days.school_year_of(call.district, observation.scheduled_for)
        observation.reschedule(call.principal.person, scheduled_for)
        if ports.days.school_year_of(call.district, scheduled_for, "/scheduled_for") != before:
            raise invalid(
                "another_school_year",
                "That is in another school year: cancel it and plan another.",
                "/scheduled_for",
            )

    return await ports.observations.change(call, observation_id, act)
