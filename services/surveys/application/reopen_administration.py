from __future__ import annotations

from services.chassis.call import Call
from services.surveys.administration.domain import Administration
from services.surveys.application.ports import Ports


async def reopen_administration(ports: Ports, call: Call, administration_id: str) -> Administration:
    """Open a survey again that was closed by mistake; the teacher only. Within an hour, and
    only where too few had answered: a figure that was shown could be subtracted from the
    next one."""

    async def act(administration: Administration) -> None:
        await ports.access.allow(call, teacher=administration.teacher)
        administration.reopen(call.principal.person, ports.clock.now())

    return await ports.administrations.change(call, administration_id, act)
