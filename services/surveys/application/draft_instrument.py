from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.quota import Bound
from services.surveys.application.ports import Ports
from services.surveys.domain.instrument import (
    MOST_INSTRUMENTS,
    Instrument,
    Item,
    Scale,
    ValidationStatus,
)

_BOUND = Bound(
    {},
    MOST_INSTRUMENTS,
    "too_many_instruments",
    f"A district has at most {MOST_INSTRUMENTS} instruments.",
)


async def draft_instrument(
    ports: Ports,
    call: Call,
    *,
    title: str,
    scales: tuple[Scale, ...],
    items: tuple[Item, ...],
    validation_status: ValidationStatus,
    license: str,
) -> Instrument:
    """Draft a practical measure for the district's teachers to use."""
    await ports.access.allow(call)
    instrument = Instrument(
        id=ports.instruments.new_id(call),
        district=call.district,
        title=title,
        scales=scales,
        items=items,
        validation_status=validation_status,
        license=license,
        drafted_by=call.principal.person,
    )
    return await ports.instruments.create(call, instrument.drafted(), _BOUND)
