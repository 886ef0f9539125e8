from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.allowed import allow
from services.observations.application.held import held_early
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def complete_observation(ports: Ports, call: Call, observation_id: str) -> Observation:
    """End the observing; the observer only, and only with a score. Still not shared.
    One that was planned for a later day took place today: see `held_early`."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        now = ports.clock.now()
        held = now if held_early(ports, observation, now) else None
        observation.complete(call.principal.person, now, held)

    return await ports.observations.change(call, observation_id, act)
