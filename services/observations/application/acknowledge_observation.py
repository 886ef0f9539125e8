from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.allowed import allow
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def acknowledge_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """Say that a shared observation was seen; the teacher only."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        observation.acknowledge(call.principal.person, ports.clock.now())

    return await ports.observations.change(call, observation_id, act)
