"""Records that the district's settings take for one person: nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.access.directory import CachedDirectory
from services.access.guarded import Guarded
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Event
from services.chassis.write.keys import Act
from services.chassis.write.write_path import WritePath
from services.roster.match import cases, deciding
from services.roster.match.codec import MATCH_EVENTS, REASONS
from services.roster.match.domain import Match, MatchEvent, MatchReason, MatchState
from services.roster.record import record_id

DUTY = "merge_by_setting"


class OwnMatches(Guarded[Match]):
    """For what the district's settings decide: no caller is there to be let in, and nobody has
    decided."""

    async def change(self, call: Call, id: str, act: Act[Match]) -> Match:
        async def decided(match: Match) -> None:
            done = act(match)
            if done is not None:
                await done
            match.decided_by = ""

        return await self._path.change(call, id, decided)


@dataclass(frozen=True, slots=True)
class Ports:
    """`confirming`: as for callers, but for `OwnMatches`."""

    confirming: cases.Ports
    matches: WritePath[Match]
    directory: CachedDirectory


def _proposed(event: Event) -> Asked | None:
    """The event comes to both: it asks once."""
    message: Any = event.message
    match = message.match
    if event.envelope.key != f"{event.envelope.district}:{match.from_person_id}":
        return None
    if match.reason == REASONS[MatchReason.STATED]:
        return None
    return Asked(event.envelope.occurred_at, {})


async def merge_by_setting(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Confirm it as an administrator would, and with the same refusals: what is refused waits for
    somebody to decide, and so are two of different names: numbers are given again, and mistyped.
    Raises UNAVAILABLE until it is known here what roles the two have."""
    match = await ports.matches.get(call.district, todo.aggregate)
    rules = ports.confirming.access.rules(match.district).same_person
    by = {each.value for each in rules.merge_by}
    if match.state is not MatchState.PROPOSED or match.reason not in by:
        return None
    called = set()
    for sourced in (match.source, match.target):
        id_ = record_id(match.district, "person", sourced)
        person = await ports.confirming.people.get(match.district, id_)
        called.add(person.called)
        if not person.of_file or len(called) > 1:  # her id is what somebody typed
            return None
        row_id = f"{match.district}:{sourced}"
        if not await ports.directory.knows(row_id, id_, person.version):
            raise Fault(Kind.UNAVAILABLE, "not_known_yet", "It is not known yet what they may do.")
    try:
        await deciding.confirm_match(ports.confirming, call, match.id)
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT:
            raise
    return None


_ASKS: Mapping[str, Asks] = {
    MATCH_EVENTS[MatchEvent.MATCH_PROPOSED].DESCRIPTOR.full_name: _proposed
}
DUTIES = (Duty(DUTY, _ASKS, merge_by_setting),)
