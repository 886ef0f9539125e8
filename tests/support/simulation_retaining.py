"""Rounds of retention in a simulated district that erases: when the administrator of its clock is
impatient, everything that is over has had its time, but for whom a legal hold is on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from coaching.privacy.v1.retention_events_pb2 import RetentionAsked
from services.access.retention import DUTIES, Retained
from services.chassis.call import Call
from services.chassis.duties.duty import Duty
from services.chassis.kernel import if_there
from services.chassis.write.documents import JournalEntry
from services.chassis.write.write_path import WritePath
from services.goals.goal.codec import REPORTS as GOAL_REPORTS
from services.goals.goal.duties import kept_goals
from services.observations.observation.codec import REPORTS as OBSERVATION_REPORTS
from services.observations.observation.duties import kept_observations
from services.privacy.retention import duties as of_clocks
from services.privacy.retention.cases import OF_THE_DISTRICT
from services.privacy.retention.domain import NOTICE, InForce, KeptFor, RetentionClock
from services.programs.relationship.codec import REPORTS as RELATIONSHIP_REPORTS
from services.programs.relationship.duties import kept_relationships
from services.surveys.administration.codec import REPORTS as SURVEY_REPORTS
from services.surveys.administration.duties import kept_surveys

ERASES: Sequence[Duty[Any]] = DUTIES
CLASSES = ("goals", "observations", "relationships", "surveys")
YEARS_LATER = timedelta(days=1_500)  # by the day that a round goes by, not by any clock
NOTES: Sequence[Duty[Any]] = [each for each in of_clocks.DUTIES if each.name == "note_retention"]
_KEPT: Mapping[str, tuple[str, Callable[..., Retained[Any]], Any]] = {
    "goals": ("goal", kept_goals, GOAL_REPORTS),
    "observations": ("observation", kept_observations, OBSERVATION_REPORTS),
    "surveys": ("administration", kept_surveys, SURVEY_REPORTS),
    "programs": ("relationship", kept_relationships, RELATIONSHIP_REPORTS),
}


def _path(like: Any, codec: Any) -> Any:
    return WritePath(like._documents, codec, like._clock, like._bell)


def retained(service: str, ports: Any) -> Retained[Any]:
    """On what the duty of retention runs, as the service's bootstrap makes it."""
    room, kept, reports = _KEPT[service]
    own = getattr(ports, room)
    return kept(own, _path(own.path, reports))


def clocks(ports: Any, clock: Any) -> of_clocks.ClockPorts:
    """On what the duties of the clock run. There is no policy, and nobody asks for one."""
    path, orders = ports.retention.path, ports.erasure
    days = ports.policy.days
    return of_clocks.ClockPorts(path, ports.policy.versions, orders.path, orders.view, days, clock)


async def ask_round(ports: Any, call: Call) -> RetentionClock:
    """As `ask_retention` does, of whatever is over by now."""
    on = clocks(ports, ports.erasure.clock)
    now = on.clock.now()
    held = await of_clocks._held(on, call)
    id_ = on.path.derived_id(call.district, OF_THE_DISTRICT)
    known = await if_there(on.path.get(call.district, id_))
    day = (now + YEARS_LATER + timedelta(days=known.round if known else 0)).date().isoformat()
    terms = tuple(KeptFor(each, 1) for each in CLASSES)
    policy = InForce(0, now - NOTICE, terms)

    def ask(retention: RetentionClock) -> None:
        retention.ask(policy, held, day, now)

    if known is None:
        first = RetentionClock(id=id_, district=call.district)
        ask(first)
        return await on.path.create(call, first)
    return await on.path.change(call, id_, ask)


class Rounds:
    """Of each round, by the event that asked for it, whom a hold was on: of several, where a
    restored clock has asked anew under the same number."""

    def __init__(self) -> None:
        self._held: dict[str, list[frozenset[str]]] = defaultdict(list)

    def read(self, journal: Iterable[JournalEntry]) -> None:
        """What the journal of privacy says of it so far."""
        asked = RetentionAsked.DESCRIPTOR.full_name
        for event in (each.event for each in journal if each.event.type == asked):
            said = RetentionAsked.FromString(event.data).retention
            held = frozenset(said.held_person_ids)
            if held not in self._held[event.event_id]:
                self._held[event.event_id].append(held)

    def took(self, because: str, person: str) -> bool:
        """Whether what was erased for this was a round's to erase."""
        return any(person not in held for held in self._held.get(because, ()))
