"""The close of a survey: its seats are frozen, its sheets counted, its results committed."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Fault, Kind
from services.surveys.administration.cases import Ports
from services.surveys.administration.domain import Administration
from services.surveys.administration.outline import AdministrationOutline
from services.surveys.administration.small_n import release

TRIES = 5  # while codes are added to it


class _Moved(Exception):
    """The survey has changed since its seats were frozen."""


async def close_administration(
    ports: Ports, call: Call, administration_id: Id
) -> AdministrationOutline:
    """Close a survey and release its results, once; the teacher, whoever teaches the class
    today, or the district's administrators. Only the teacher is shown the results.

    Seats are frozen first, then the sheets are counted, then the results are committed: an
    answer that was acknowledged is counted, and one that comes later is refused. Only then
    are the sheets deleted, unless it can be opened again; the seats stay for a while, closed,
    for what was overtaken. A close that died halfway is finished by closing again; where it
    died before it deleted the sheets, by its duty (`duties`) too.
    """

    def check(administration: Administration) -> None:
        administration.check_close(call.principal.person, ports.clock.now())

    closed = await ports.administrations.look(call, administration_id, check)
    if not call.replayed:
        closed = await _close(ports, call, closed)
    if closed.settled:
        await ports.seats.clear(call.district, administration_id)
    return closed if closed.teacher == call.principal.person else closed.for_others()


async def _close(ports: Ports, call: Call, found: Administration) -> Administration:
    """Once seats are frozen, who named the version that was `found` is not refused because codes
    were added meanwhile. Raises Fault STALE where it has been closed and opened again."""
    seen, going_on = found.round, replace(call, if_match=None)
    for _ in range(TRIES):
        try:
            return await _counted(ports, going_on, found)
        except _Moved:
            found = await ports.administrations.get(going_on, found.id)
            if found.round != seen:
                await ports.administrations.look(call, found.id, lambda _: None)
    raise Fault(Kind.UNAVAILABLE, "contention", "Many changes at once; try again.")


async def _counted(ports: Ports, call: Call, found: Administration) -> Administration:
    await ports.seats.freeze(call.district, found.id, found.round)
    sheets = await ports.seats.sheets(call.district, found.id)
    smallest = ports.access.rules(call.district).small_n
    results = release(found.favorable(), sheets, smallest, found.lot())

    def act(administration: Administration) -> None:
        administration.check_close(call.principal.person, ports.clock.now())
        if administration.version != found.version:
            raise _Moved  # with seats, or in a round, that are not frozen
        administration.close(results, call.principal.person, ports.clock.now())

    return await ports.administrations.change(call, found.id, act)
