from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.surveys.administration.domain import AdministrationOutline, AdministrationState
from services.surveys.application.class_teacher import class_teacher
from services.surveys.application.ports import Ports


async def list_open_administrations(
    ports: Ports, call: Call, *, class_id: str, after: str, limit: int
) -> Found[AdministrationOutline]:
    """The surveys of a class that somebody may have to close in the place of the teacher who
    opened them: for whoever teaches it today and the district's administrators. By id."""
    look = await ports.access.allow_many(call, parties=await class_teacher(ports, call, class_id))
    where = {"class_id": class_id, "state": AdministrationState.OPEN.value}
    page = await ports.administration_summaries.find(call.district, where, after, limit)
    look.shown(len({each.teacher for each in page.items} - {call.principal.person}))
    return page
