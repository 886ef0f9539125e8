"""Who was added and in no roster file since leaves when her time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from coaching.roster.v1 import events_pb2 as roster
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Clock
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.roster.person.domain import Person


@dataclass(frozen=True, slots=True)
class Ports:
    people: WritePath[Person]
    clock: Clock


def _added(event: Event) -> Asked | None:
    message: Any = event.message
    person: roster.Person = message.person
    if not person.HasField("provisional_until"):
        return None
    return Asked(person.provisional_until.ToDatetime(UTC), {})


async def expire(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Nothing of whom a roster file has confirmed."""
    now = ports.clock.now()
    await ports.people.change(call, todo.aggregate, lambda person: person.expire(now))
    return None


_ASKS: Mapping[str, Asks] = {roster.PersonUpserted.DESCRIPTOR.full_name: _added}
DUTIES = (Duty("expire_provisional", _ASKS, expire),)
