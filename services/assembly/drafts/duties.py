"""What becomes of drafts whose author leaves, or one of two records of whom is given up. What is
erased on order goes with what else is hers: `services.access.erasures`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coaching.roster.v1 import events_pb2 as roster
from services.access import merges
from services.access.directory import CachedDirectory
from services.assembly.duties import Assigned, assigned
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.write.drafts import Drafts

PAUSE = timedelta(days=7)  # the roster may have left her out by mistake


@dataclass(frozen=True, slots=True)
class DraftDutyPorts:
    drafts: Drafts
    people: CachedDirectory
    clock: Clock


def _removed(event: Event) -> Asked:
    message: Any = event.message
    person: roster.Person = message.person
    if event.envelope.key != f"{event.envelope.district}:{person.person_id}":
        raise InvalidEvent("the key names another person")
    return Asked(event.envelope.occurred_at + PAUSE, {"person": person.person_id})


async def drop_drafts(ports: DraftDutyPorts, call: Call, todo: Todo) -> None:
    """All of an author's who is in the roster no more; of one who has come back, none, also where
    she has left once more since: that asks anew."""
    newest = await ports.people.newest(todo.key, todo.aggregate)
    if newest < todo.version:
        raise Fault(Kind.UNAVAILABLE, "not_known_yet", "Who may see what is not up to date.")
    author = todo.value["person"]
    profile = await ports.people.profile(call.district, author)
    if newest == todo.version and (profile is None or not profile.active):
        await ports.drafts.leave(call.district, author)


async def transfer_drafts(ports: DraftDutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Those of the record that is given up, and whatever anybody types about it."""

    async def move(call: Call, merge: merges.Merge) -> None:
        for each in await ports.drafts.all_of(call.district, merge.source):
            before = each.author_before
            if merge.takes(each.author, before) and await merge.holds(ports.people, before):
                await ports.drafts.move(each, merge.target)
        if await merge.holds(ports.people):
            where = call.district, merge.source, merge.target
            await ports.drafts.reassign(*where, back=merge.back)

    return await merges.carry_out(ports.people, call, todo, ports.clock.now(), move)


_ASKS: Mapping[str, Asks] = {roster.PersonRemoved.DESCRIPTOR.full_name: _removed}
DUTIES = (
    Duty("drop_drafts", _ASKS, drop_drafts),
    Duty("transfer_drafts", merges.ASKS, transfer_drafts),
)


OF_DRAFTS: Assigned[object] = assigned(
    DUTIES, lambda start, _: DraftDutyPorts(start.drafts, start.directory, start.clock)
)
"""Those of a service that has drafts."""
