from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.kernel import not_found
from services.observations.application.allowed import allow
from services.observations.application.held import held_early
from services.observations.application.ports import Ports
from services.observations.domain.observation import Note, Observation


async def record_scores(
    ports: Ports,
    call: Call,
    observation_id: str,
    *,
    scores: Sequence[tuple[str, float]],
    notes: Sequence[Note],
) -> Observation:
    """Record (criterion id, score) pairs and notes; the observer only. May be repeated:
    a criterion's newer score or note replaces its older one. With a score one that was planned
    for a later day took place today: see `held_early`. Notes alone can be made before."""

    async def act(observation: Observation) -> None:
        await allow(ports, call, observation)
        tool = await ports.published_tools.tool(observation.district, observation.tool)
        if tool is None:  # published tools stay: only a damaged store gets here
            raise not_found()
        now = ports.clock.now()
        held = now if scores and held_early(ports, observation, now) else None
        observation.record_scores(call.principal.person, tool.criteria, scores, notes, held)

    return await ports.observations.change(call, observation_id, act)
