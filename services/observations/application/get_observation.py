from __future__ import annotations

from services.chassis.call import Call
from services.chassis.kernel import not_found
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def get_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """For the teacher and the observer at any time, for her other coaches once shared."""
    observation = await ports.observations.get(call.district, observation_id)
    await ports.access.allow(call, teacher=observation.teacher)
    if not observation.visible_to(call.principal.person):
        raise not_found()
    return observation
