from __future__ import annotations

from services.chassis.call import Call
from services.chassis.kernel import invalid
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Relationship


async def propose_relationship(
    ports: Ports, call: Call, *, coach: str, teacher: str, school_year: int | None
) -> Relationship:
    """Propose that `coach` coaches `teacher`; the other side answers. Raises INVALID where
    one of them is not active in the roster in that role."""
    await ports.access.allow(call, parties=(coach, teacher))
    now = ports.clock.now()
    taught = await ports.access.profile(call.district, teacher)
    if (
        taught is None
        or not taught.active
        or not taught.teaches(ports.days.day_of(call.district, now))
    ):
        raise invalid("unknown_teacher", "There is no such active teacher.", "/teacher_id")
    coaching = await ports.access.profile(call.district, coach)
    if coaching is None or not coaching.active:
        raise invalid("unknown_coach", "There is no such active person.", "/coach_id")
    return await ports.relationships.create(
        call,
        Relationship.propose(
            id=ports.relationships.new_id(call),
            district=call.district,
            coach=coach,
            teacher=teacher,
            year=school_year or ports.days.school_year_of(call.district, now),
            by=call.principal.id,
            at=now,
        ),
    )
