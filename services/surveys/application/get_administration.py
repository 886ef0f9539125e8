from __future__ import annotations

from services.chassis.call import Call
from services.surveys.administration.domain import Administration
from services.surveys.application.ports import Ports


async def get_administration(ports: Ports, call: Call, administration_id: str) -> Administration:
    administration = await ports.administrations.get(call.district, administration_id)
    await ports.access.allow(call, teacher=administration.teacher)
    return administration
