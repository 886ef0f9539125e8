from __future__ import annotations

from services.chassis.call import Call
from services.surveys.application.ports import Ports
from services.surveys.instrument.domain import Instrument


async def publish_instrument(ports: Ports, call: Call, instrument_id: str) -> Instrument:
    """From now on it can be given to classes and never changes; who brought it in may, and an
    administrator once its author has left."""

    async def act(instrument: Instrument) -> None:
        await ports.access.allow(call)
        in_charge = await ports.access.in_charge_of(call, instrument.drafted_by)
        instrument.publish(call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)
