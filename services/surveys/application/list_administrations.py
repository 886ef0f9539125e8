from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.application.ports import Ports
from services.surveys.domain.administration import AdministrationOutline


async def list_administrations(
    ports: Ports, call: Call, *, teacher: str, after: str, limit: int
) -> Found[AdministrationOutline]:
    """A teacher's surveys of all years, ordered by id."""
    await ports.access.allow(call, teacher=teacher)
    return await ports.administration_summaries.find(
        call.district, {"teacher": teacher}, after, limit
    )
