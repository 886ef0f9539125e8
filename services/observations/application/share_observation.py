from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.allowed import allow
from services.observations.application.observer import observer_left
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def share_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """Release scores to the teacher and her coaches; the observer, or the teacher where the
    observer no longer coaches her."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        left = await observer_left(ports, observation)
        observation.share(call.principal.person, ports.clock.now(), left)

    return await ports.observations.change(call, observation_id, act)
