from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.allowed import allow
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def complete_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """End the observing; the observer only, and only with a score. Still not shared."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        observation.complete(call.principal.person, ports.clock.now())

    return await ports.observations.change(call, observation_id, act)
