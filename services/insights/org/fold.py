"""What orgs are called: a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coaching.roster.v1 import events_pb2 as roster
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.facts import FactOf
from services.chassis.views.projection import Event, Fact, Fold
from services.insights.facts.reading import full_name

ORGS = "orgs"


@dataclass(frozen=True, slots=True)
class OrgFact:
    id: str
    active: bool
    org: str
    name: str


FACTS = FactOf(OrgFact)


def org(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: roster.Org = message.org
    envelope = event.envelope
    if envelope.key != f"{envelope.district}:{said.org_id}":
        raise InvalidEvent("the key names another org")
    active = said.status == roster.RECORD_STATUS_ACTIVE
    value = FACTS.write(active=active, org=said.org_id, name=said.name)
    return [Fact(ORGS, envelope.key, "org", envelope.aggregate_id, value)]


FOLDS: dict[str, Fold] = {
    full_name(roster.OrgUpserted): org,
    full_name(roster.OrgRemoved): org,
}
