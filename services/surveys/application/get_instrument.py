from __future__ import annotations

from services.chassis.call import Call
from services.surveys.application.ports import Ports
from services.surveys.instrument.domain import Instrument


async def get_instrument(ports: Ports, call: Call, instrument_id: str) -> Instrument:
    await ports.access.allow(call)
    return await ports.instruments.get(call.district, instrument_id)
