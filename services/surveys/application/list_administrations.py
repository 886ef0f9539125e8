from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.administration.domain import AdministrationOutline, AdministrationState
from services.surveys.application.ports import Ports


async def list_administrations(
    ports: Ports, call: Call, *, teacher: str, taken_back: bool = False, after: str, limit: int
) -> Found[AdministrationOutline]:
    """A teacher's surveys of all years, ordered by id; cancelled ones where `taken_back`."""
    await ports.access.allow(call, teacher=teacher)
    page = await ports.administration_summaries.find(
        call.district, {"teacher": teacher}, after, limit
    )
    return page.where(lambda each: taken_back or each.state is not AdministrationState.CANCELLED)
