"""Two records of one person become one: what every service is asked to do with what is hers.

`PersonMerged` says that what is about the one is about the other from now on, `PersonSeparated`
that this was a mistake. Each service carries it out by a duty on what it owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coaching.roster.v1 import match_events_pb2 as matches
from services.chassis.duties.duty import Asked, Asks, Todo
from services.chassis.views.projection import Event

# After it, nobody who acts for the record that was given up is let in any more by what is in
# memory (`directory.LONGEST_SECONDS`): what was begun until then is moved by a second look.
SECOND_LOOK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Merge:
    """What is of `source` is to be of `target`. `back`: only what was once of `target`."""

    source: str
    target: str
    back: bool
    until: datetime

    @classmethod
    def of(cls, todo: Todo) -> Merge:
        value = todo.value
        return cls(value["source"], value["target"], value["back"], value["until"])

    def takes(self, whose: str, before: str) -> bool:
        """Whether what is of `whose`, and was of somebody `before` (empty: of nobody else), is to
        be moved."""
        return whose == self.source and (not self.back or before == self.target)

    def again(self, now: datetime) -> datetime | None:
        """When to look a second time."""
        return self.until if now < self.until else None


def _merged(event: Event) -> Asked | None:
    return _asked(event, back=False)


def _separated(event: Event) -> Asked | None:
    return _asked(event, back=True)


def _asked(event: Event, back: bool) -> Asked | None:
    """The event comes to both: it asks once, of the record that is given up."""
    message: Any = event.message
    match: matches.MatchSnapshot = message.match
    given_up, kept = match.from_person_id, match.into_person_id
    if event.envelope.key != f"{event.envelope.district}:{given_up}":
        return None
    at = event.envelope.occurred_at
    source, target = (kept, given_up) if back else (given_up, kept)
    value = {"source": source, "target": target, "back": back, "until": at + SECOND_LOOK}
    return Asked(at, value)


ASKS: Mapping[str, Asks] = {
    matches.PersonMerged.DESCRIPTOR.full_name: _merged,
    matches.PersonSeparated.DESCRIPTOR.full_name: _separated,
}
