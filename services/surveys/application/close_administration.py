from __future__ import annotations

from services.chassis.call import Call
from services.surveys.application.ports import Ports
from services.surveys.domain.administration import Administration
from services.surveys.domain.small_n import release


async def close_administration(ports: Ports, call: Call, administration_id: str) -> Administration:
    """Close a survey and release its results, once; the teacher only.

    Seats are frozen first, then the sheets are counted, then the results are committed: an
    answer that was acknowledged is counted, and one that comes later is refused. Only then
    are the sheets deleted. A close that died halfway is finished by closing again; where it
    died before it deleted them, by `sweep_seats` too.
    """

    async def check(administration: Administration) -> None:
        await ports.access.allow(call, teacher=administration.teacher)
        administration.check_open()

    closed = await ports.administrations.change(call, administration_id, check)
    if not call.replayed:
        closed = await _close(ports, call, closed)
    if closed.settled:
        await ports.seats.clear(call.district, administration_id)
    return closed


async def _close(ports: Ports, call: Call, found: Administration) -> Administration:
    await ports.seats.freeze(call.district, found.id)
    sheets = await ports.seats.sheets(call.district, found.id)
    results = release(found.favorable(), sheets, ports.districts.of(call.district).small_n)

    async def act(administration: Administration) -> None:
        await ports.access.allow(call, teacher=administration.teacher)
        administration.close(results, ports.clock.now())

    return await ports.administrations.change(call, found.id, act)
