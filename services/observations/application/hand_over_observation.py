from __future__ import annotations

from services.chassis.call import Call
from services.chassis.kernel import invalid
from services.observations.application.allowed import allow
from services.observations.application.observer import observer_left
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def hand_over_observation(
    ports: Ports, call: Call, observation_id: str, *, observer: str
) -> Observation:
    """Let another coach of the teacher, or she herself, go on with an unshared observation;
    the observer, or the teacher where the observer no longer coaches her."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        left = await observer_left(ports, observation)
        observation.hand_over(call.principal.person, observer, ports.clock.now(), left)
        taught = observation.teacher
        if observer != taught and not await ports.access.coaches(call.district, observer, taught):
            raise invalid(
                "not_her_coach", "This person does not coach the teacher.", "/observer_id"
            )

    return await ports.observations.change(call, observation_id, act)
