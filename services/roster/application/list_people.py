from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.roster.application.ports import Ports
from services.roster.domain.person import Person, place
from services.roster.domain.record import Status


async def list_people(
    ports: Ports, call: Call, *, role: str, org: str, after: str, limit: int
) -> Found[Person]:
    """The district's staff, ordered by id: of a role, of an org, or of a role at an org."""
    look = await ports.access.allow_many(call)
    where: dict[str, str | int | bool] = {"status": Status.ACTIVE.value}
    if role or org:
        where["held"] = place(role, org)
    page = await ports.people.find(call.district, where, after, limit)
    look.shown(len({each.sourced_id for each in page.items} - {call.principal.person}))
    return page
