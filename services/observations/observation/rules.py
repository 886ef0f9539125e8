"""What operations on an observation ask of it, where that is more than its own rules: whether its
observer has left, and which day it is."""

from __future__ import annotations

from services.access.acknowledged import check_acknowledged
from services.chassis.call import Call
from services.observations.observation.cases import (
    Ports,
    held_early,
    in_its_year,
    observer_left,
)
from services.observations.observation.outline import UNFINISHED, ObservationOutline


async def completing(ports: Ports, call: Call, observation: ObservationOutline) -> None:
    now = ports.clock.now()
    observation.check_complete(call.principal.person, now)
    held_early(ports, observation, now)


async def cancelling(ports: Ports, call: Call, observation: ObservationOutline) -> None:
    observation.check_cancel(call.principal.person, await _left(ports, call, observation))


async def handing_over(ports: Ports, call: Call, observation: ObservationOutline) -> None:
    observation.check_hand_over(call.principal.person, await _left(ports, call, observation))


async def sharing(ports: Ports, call: Call, observation: ObservationOutline) -> None:
    observation.check_share(call.principal.person, await _left(ports, call, observation))
    await check_acknowledged(ports.access, call.district, observation.teacher)


async def correcting(ports: Ports, call: Call, observation: ObservationOutline) -> None:
    now = ports.clock.now()
    observation.check_correct(call.principal.person, now)
    in_its_year(ports, observation, now)


async def voiding(ports: Ports, call: Call, observation: ObservationOutline) -> None:
    now = ports.clock.now()
    observation.check_void(call.principal.person, now)
    in_its_year(ports, observation, now)


async def _left(ports: Ports, call: Call, observation: ObservationOutline) -> bool:
    """Whether the observer has, where that matters: to the teacher, and until it is over."""
    hers = call.principal.person == observation.teacher
    return hers and observation.state in UNFINISHED and await observer_left(ports, observation)
