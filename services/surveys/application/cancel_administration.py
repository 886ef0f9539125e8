from __future__ import annotations

from services.chassis.call import Call
from services.surveys.administration.domain import Administration
from services.surveys.application.ports import Ports


async def cancel_administration(ports: Ports, call: Call, administration_id: str) -> Administration:
    """Take back a survey that should not have been, with all that was answered: there are
    never results. The teacher as long as no figure was shown; who planned it as long as it
    is not open."""

    async def act(administration: Administration) -> None:
        await ports.access.allow(call, teacher=administration.teacher)
        administration.cancel(call.principal.person, ports.clock.now())
        # so that a sweep comes, should this die after the commit
        await ports.seats.freeze(call.district, administration_id, 0)

    cancelled = await ports.administrations.change(call, administration_id, act)
    await ports.seats.clear(call.district, administration_id)
    return cancelled
