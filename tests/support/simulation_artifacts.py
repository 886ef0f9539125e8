"""Orders about single things in a simulated district that erases, and what must be true of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coaching.privacy.v1.artifact_erasure_events_pb2 import ArtifactErasureBegun
from services.access.artifact_erasures import Artifacts, Erasable, artifact_duties
from services.chassis.duties.duty import Duty, Todo
from services.chassis.write.documents import JournalEntry
from services.goals.goal.duties import erasable_goals
from services.observations.observation.duties import erasable_observations
from services.privacy.artifact_erasure import duties as of_artifacts
from services.privacy.artifact_erasure.cases import OrderArtifactErasure
from services.privacy.artifact_erasure.domain import ArtifactKind
from services.surveys.administration.duties import erasable_surveys

KINDS = {"goals": "goal", "observations": "observation", "surveys": "administration"}
DUTIES: Mapping[str, Sequence[Duty[Any]]] = {
    **{service: artifact_duties((kind,)) for service, kind in KINDS.items()},
    "privacy": of_artifacts.DUTIES,
}
LASTS = timedelta(seconds=100)
LOOKS_AGAIN = timedelta(minutes=5)
REQUEST = timedelta(seconds=45)


def artifacts(service: str, ports: Any) -> Artifacts:
    """As the service's bootstrap makes it."""
    kind = KINDS[service]
    own = getattr(ports, kind)
    made: Mapping[str, Callable[[], Erasable[Any]]] = {
        "goal": lambda: erasable_goals(own),
        "observation": lambda: erasable_observations(own),
        "administration": lambda: erasable_surveys(own),
    }
    view = own.people if service == "observations" else own.view
    return Artifacts({kind: made[kind]()}, own.receipts, own.drafts, view, own.clock)


def orders(ports: Any, clock: Any) -> of_artifacts.DutyPorts:
    own = ports.erasure
    return of_artifacts.DutyPorts(own.artifacts, own.path, own.view, clock)


def waits(todo: Todo) -> bool:
    """Whether it only looks every so often, for the end of a hold or for what was heard late."""
    return todo.duty == "begin_artifact_erasure" and todo.looked_at is not None


def body(kind: str, artifact: str, person: str) -> OrderArtifactErasure:
    return OrderArtifactErasure(
        kind=ArtifactKind(kind), artifact_id=artifact, person_id=person, reason="x"
    )


@dataclass
class Asked:
    """Of which thing, of whom, and when."""

    artifact: str
    person: str
    at: datetime


class Alone:
    """By the event that has asked for it, what was to be erased alone."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def read(self, journal: Iterable[JournalEntry]) -> None:
        """What the journal of privacy says of it so far."""
        begun = ArtifactErasureBegun.DESCRIPTOR.full_name
        for event in (each.event for each in journal if each.event.type == begun):
            said = ArtifactErasureBegun.FromString(event.data).artifact_erasure
            self._asked[event.event_id] = Asked(said.artifact_id, said.person_id, event.occurred_at)

    def took(self, because: str, artifact: str, person: str) -> bool:
        """Whether what was erased for this was what was asked."""
        asked = self._asked.get(because)
        return asked is not None and (asked.artifact, asked.person) == (artifact, person)

    def not_under_a_hold(self, person: str, steps: Sequence[Mapping[str, Any]]) -> None:
        """Nothing was asked while one was on her, but for what was on its way when it came."""
        held: datetime | None = None
        spans = []
        for each in steps:
            if each["step"] == "held":
                held = each["at"]
            elif each["step"] == "released" and held is not None:
                spans.append((held + REQUEST, each["at"]))
                held = None
        for asked in self._asked.values():
            if asked.person == person:
                assert not [1 for since, until in spans if since < asked.at < until], "held"
