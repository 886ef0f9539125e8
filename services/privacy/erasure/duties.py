"""What services say that they have erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import relationship_events_pb2 as programs
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Clock, if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.privacy.erasure.domain import Erasure


@dataclass(frozen=True, slots=True)
class DutyPorts:
    path: WritePath[Erasure]
    clock: Clock


def _carried_out(event: Event) -> Asked:
    message: Any = event.message
    said = message.receipt
    _, service, _ = event.envelope.type.split(".", 2)
    value = {
        "erasure": said.erasure_id,
        "under_way": said.erasure_version,
        "erased": said.erased,
        "service": service,
    }
    return Asked(event.envelope.occurred_at, value)


async def confirm_erasure(ports: DutyPorts, call: Call, todo: Todo) -> None:
    """Note it. An order that is unknown here was given after the backup that was restored: it is
    given again, and carried out again."""
    said, said_at, at = todo.value, todo.fact["at"], ports.clock.now()

    def act(erasure: Erasure) -> None:
        erasure.confirm(said["service"], said["under_way"], said["erased"], said_at, at)

    await if_there(ports.path.change(call, said["erasure"], act))


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _carried_out
    for message in (
        goals.ErasureCarriedOut,
        observations.ErasureCarriedOut,
        programs.ErasureCarriedOut,
        surveys.ErasureCarriedOut,
    )
}
DUTIES = (Duty("confirm_erasure", _ASKS, confirm_erasure),)
