from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.application.ports import Ports
from services.surveys.instrument.domain import InstrumentState, InstrumentSummary


async def list_instruments(
    ports: Ports, call: Call, *, taken_back: bool = False, after: str, limit: int
) -> Found[InstrumentSummary]:
    """The district's instruments, drafts too, ordered by id; withdrawn ones where
    `taken_back`."""
    await ports.access.allow(call)
    page = await ports.instrument_summaries.find(call.district, {}, after, limit)
    return page.where(lambda each: taken_back or each.state is not InstrumentState.WITHDRAWN)
