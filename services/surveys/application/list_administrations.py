from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.application.ports import Ports
from services.surveys.domain.administration import Administration


async def list_administrations(
    ports: Ports, call: Call, *, teacher: str, after: str, limit: int
) -> Found[Administration]:
    """A teacher's surveys of all years, ordered by id."""
    await ports.access.allow(call, teacher=teacher)
    return await ports.administrations.find(call.district, {"teacher": teacher}, after, limit)
