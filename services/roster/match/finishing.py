"""A separation that somebody has asked for is done, also where the process that was at it died."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Event
from services.roster.match.cases import Ports
from services.roster.match.codec import MATCH_EVENTS
from services.roster.match.deciding import finish_separation
from services.roster.match.domain import MatchEvent


def _begun(event: Event) -> Asked | None:
    """The event comes to both: it asks once. Mostly the request itself has done it by then."""
    message: Any = event.message
    if event.envelope.key != f"{event.envelope.district}:{message.match.from_person_id}":
        return None
    return Asked(event.envelope.occurred_at, {})


async def finish(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Nothing where it is done, or where a match that was decided in between refuses it: then the
    two stay one, as whoever asked is told."""
    try:
        await finish_separation(ports, call, todo.aggregate)
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT:
            raise
    return None


_ASKS: Mapping[str, Asks] = {MATCH_EVENTS[MatchEvent.SEPARATION_BEGUN].DESCRIPTOR.full_name: _begun}
DUTIES = (Duty("finish_separation", _ASKS, finish),)
