from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.kernel import Fault, conflict
from services.surveys.administration.codes import codes_of, seat_of
from services.surveys.administration.domain import (
    Administration,
    AdministrationState,
    seats_for,
)
from services.surveys.application.ports import Ports


async def open_administration(
    ports: Ports, call: Call, administration_id: str, *, seats: int | None
) -> tuple[Administration, Sequence[str]]:
    """Open a survey for answers; the teacher only. Gives the response codes, to nobody else.
    Of an open survey it gives them again, and makes as many more as `seats` is greater.

    `seats` is the number of codes all told; None: as many as the class has students. One more
    may be asked for, for a child who has just joined. At least the smallest group, and none for
    a class below it. The seats exist before the codes do, so a code that is given out always
    works.
    """

    async def check(administration: Administration) -> None:
        await ports.access.allow(call, teacher=administration.teacher)
        administration.check_openable()

    found = await ports.administrations.look(call, administration_id, check)
    if call.replayed:
        return found, found.codes()
    count = 0
    if not _has_codes(found, seats):
        smallest = ports.districts.of(call.district).small_n
        count = seats_for(await _students(ports, found), seats, smallest)
        codes = codes_of(found.secret, count)
        await ports.seats.prepare(
            call.district, administration_id, [seat_of(found.secret, code) for code in codes]
        )

    async def act(administration: Administration) -> None:
        await ports.access.allow(call, teacher=administration.teacher)
        if not _has_codes(administration, seats):
            administration.open(count, call.principal.person, ports.clock.now())

    try:
        opened = await ports.administrations.change(call, administration_id, act)
    except Fault:
        await ports.seats.freeze(call.district, administration_id, 0)  # a sweep looks at them
        raise
    return opened, opened.codes()


def _has_codes(administration: Administration, seats: int | None) -> bool:
    """Whether it is open with the codes that are asked for."""
    open_ = administration.state is AdministrationState.OPEN
    return open_ and (seats is None or seats <= administration.seats)


async def _students(ports: Ports, administration: Administration) -> int:
    profile = await ports.access.profile(administration.district, administration.teacher)
    if profile is None or administration.class_id not in profile.classes:
        raise conflict("class_not_taught", "The teacher does not teach this class any more.")
    return profile.classes[administration.class_id]
