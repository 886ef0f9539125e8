from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def allow(ports: Ports, call: Call, observation: Observation) -> None:
    """As `Access.allow`; what an observation hides from the caller is refused with the rest, so
    that the log does not say that she saw it."""
    hidden = not observation.visible_to(call.principal.person)
    await ports.access.allow(call, teacher=observation.teacher, hidden=hidden)
