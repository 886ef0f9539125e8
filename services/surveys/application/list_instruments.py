from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.application.ports import Ports
from services.surveys.domain.instrument import InstrumentSummary


async def list_instruments(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[InstrumentSummary]:
    """The district's instruments, drafts too, ordered by id."""
    await ports.access.allow(call)
    return await ports.instrument_summaries.find(call.district, {}, after, limit)
