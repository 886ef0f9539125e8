from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.allowed import allow
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def reopen_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """Go on with an observation that was completed by mistake; the observer only."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        observation.reopen(call.principal.person)

    return await ports.observations.change(call, observation_id, act)
