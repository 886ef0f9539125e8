from __future__ import annotations

from services.chassis.call import Call
from services.surveys.application.ports import Ports
from services.surveys.domain.instrument import Instrument


async def publish_instrument(ports: Ports, call: Call, instrument_id: str) -> Instrument:
    """From now on it can be given to classes and never changes."""

    async def act(instrument: Instrument) -> None:
        await ports.access.allow(call)
        instrument.publish()

    return await ports.instruments.change(call, instrument_id, act)
