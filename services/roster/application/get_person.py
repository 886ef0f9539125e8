from __future__ import annotations

from services.chassis.call import Call
from services.roster.application.ports import Ports
from services.roster.domain.person import Person
from services.roster.domain.record import record_id


async def get_person(ports: Ports, call: Call, person: str) -> Person:
    """A member of staff by sourcedId, also one who has been removed."""
    await ports.access.allow(call, parties=(person,))
    return await ports.people.get(call.district, record_id(call.district, "person", person))
