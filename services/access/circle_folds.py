"""What the access view makes of circles: of each member, to whom she shows what of her work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coaching.programs.v1 import circle_events_pb2 as circles
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access.facts import CIRCLES
from services.access.peers import GROUP, PAIR
from services.access.row_facts import fact
from services.chassis.views.projection import GONE, Event, Fact, Fold
from services.chassis.words import events_with

WORK = {
    relationships.WORK_GOALS: "goal",
    relationships.WORK_OBSERVATIONS: "observation",
    relationships.WORK_SURVEYS: "administration",
}


def circle_fact(event: Event) -> Sequence[Fact]:
    """Of whom the key names, if she is of it: who has left it, or never was, shows nothing."""
    message: Any = event.message
    each: circles.CircleSnapshot = message.circle
    person = event.envelope.key.removeprefix(f"{event.envelope.district}:")
    hers = next((one for one in each.members if one.teacher_id == person), None)
    if hers is None:
        return [fact(event, "circles", GONE)]
    others = (one for one in each.members if one.joined and one.teacher_id != person)
    value = CIRCLES.write(
        active=each.state == circles.CIRCLE_STATE_ACTIVE and hers.joined,
        kind=PAIR if each.kind == circles.CIRCLE_KIND_PAIR else GROUP,
        year=each.school_year,
        peers=[one.teacher_id for one in others],
        # what only a newer build knows opens nothing here
        sees=[WORK[work] for work in hers.shows if work in WORK],
    )
    return [fact(event, "circles", value)]


CIRCLE_FOLDS: Mapping[str, Fold] = dict.fromkeys(
    events_with(circles.CircleSnapshot.DESCRIPTOR), circle_fact
)
