from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.allowed import allow
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def get_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """For the teacher and the observer at any time, for her other coaches once shared."""
    observation = await ports.observations.get(call.district, observation_id)
    await allow(ports, call, observation)
    return observation
