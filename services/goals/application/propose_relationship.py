from __future__ import annotations

from collections.abc import Collection

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind, invalid
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Acknowledgment, Relationship


async def propose_relationship(
    ports: Ports,
    call: Call,
    *,
    coach: str,
    teacher: str,
    school_year: int | None,
    acknowledged: Collection[Acknowledgment] = (),
) -> Relationship:
    """Propose that `coach` coaches `teacher` in this school year or the next; the other side
    answers. The two have one relationship a year: what is proposed or active already is
    answered as it is, what was declined or ended is proposed again. Raises INVALID where the
    one may not coach today (`access.coaching.hindrance`) or the other does not teach.

    The coach is looked at first: who may not coach learns nothing of who teaches."""
    await ports.access.allow(call, parties=(coach, teacher))
    by, now = call.principal.id, ports.clock.now()
    year = ports.days.named(call.district, now, school_year)
    new = Relationship.propose(
        id=ports.relationships.derived_id(call.district, coach, teacher, str(year)),
        district=call.district,
        coach=coach,
        teacher=teacher,
        year=year,
        by=by,
        at=now,
        acknowledged=acknowledged,
    )

    async def check() -> None:
        hindrance = await ports.access.hindrance(call.district, coach)
        if hindrance is not None:
            raise hindrance
        taught = await ports.access.profile(call.district, teacher)
        today = ports.access.today(call.district)
        if taught is None or not taught.active or not taught.teaches(today):
            raise invalid("unknown_teacher", "There is no such active teacher.", "/teacher_id")
        ports.days.check_current(call.district, now, year)

    try:
        return await ports.relationships.create(call, new, check=check)
    except Fault as fault:
        if (fault.kind, fault.code) != (Kind.CONFLICT, "already_exists"):
            raise
    return await ports.relationships.change(
        call, new.id, lambda known: known.propose_again(by, now, acknowledged)
    )
