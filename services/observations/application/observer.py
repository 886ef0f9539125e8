"""Whether the one who observes still coaches the teacher."""

from __future__ import annotations

from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def observer_left(ports: Ports, observation: Observation) -> bool:
    """Whether its observer is neither the teacher herself nor a coach of hers any more: then
    the teacher acts in her place."""
    if observation.observer == observation.teacher:
        return False
    return not await ports.access.coaches(
        observation.district, observation.observer, observation.teacher
    )
