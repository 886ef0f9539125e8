from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.application.ports import Ports
from services.surveys.domain.instrument import Instrument


async def list_instruments(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[Instrument]:
    """The district's instruments, drafts too, ordered by id."""
    await ports.access.allow(call)
    return await ports.instruments.find(call.district, {}, after, limit)
