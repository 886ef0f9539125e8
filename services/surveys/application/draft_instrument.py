from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.write.quota import Bound
from services.surveys.application.ports import Ports
from services.surveys.instrument.domain import (
    MOST_DRAFTS,
    MOST_INSTRUMENTS,
    MOST_OWN_INSTRUMENTS,
    Instrument,
    InstrumentState,
    Item,
    Scale,
    ValidationStatus,
)

_WITHDRAWN = {"state": InstrumentState.WITHDRAWN.value}


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
    return await ports.instruments.create(
        call, instrument.drafted(), _bounds(instrument.drafted_by)
    )


def _bounds(author: str) -> Sequence[Bound]:
    """Her own first: nobody uses up what is there for all."""
    hers, code = {"drafted_by": author}, "too_many_own_instruments"
    own = f"One person has at most {MOST_OWN_INSTRUMENTS} instruments that are not withdrawn."
    drafts = f"One person drafts at most {MOST_DRAFTS} instruments, withdrawn ones included."
    all_of_them = f"A district has at most {MOST_INSTRUMENTS} instruments."
    return (
        Bound(hers, MOST_OWN_INSTRUMENTS, code, own, _WITHDRAWN),
        Bound(hers, MOST_DRAFTS, code, drafts),
        Bound({}, MOST_INSTRUMENTS, "too_many_instruments", all_of_them, _WITHDRAWN),
    )
