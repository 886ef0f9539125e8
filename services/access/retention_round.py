"""One round of the clock of retention, as the privacy service asks for it: how long a class of
records is kept, on whom a legal hold is, and under which version of the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from coaching.privacy.v1 import retention_events_pb2 as retentions
from services.access.directory import ReadsAnew
from services.access.facts import POLICIES
from services.access.privacy_keys import POLICY_ROW
from services.access.school_year import FIRST, goes_on, last_day, school_year_of
from services.chassis.duties.duty import Asked, Asks, Todo
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Event

LASTS = timedelta(minutes=10)  # a round: what is not erased then waits for the next one


@dataclass(frozen=True, slots=True)
class RetentionRound:
    """What was asked for, of one class of records, under a version of the policy. `terms`: of how
    many days that speaks, by class."""

    retention: str
    number: int
    policy: int
    asked_at: datetime
    today: date
    days: int
    erases: bool
    held: frozenset[str]
    terms: Mapping[str, int]

    @classmethod
    def of(cls, todo: Todo, name: str) -> RetentionRound | None:
        """None where the class is kept for good."""
        value = todo.value
        if name not in value["days"]:
            return None
        return cls(
            todo.aggregate,
            value["round"],
            value.get("policy", 0),
            value["asked_at"],
            date.fromisoformat(value["day"]),
            value["days"][name],
            value["erases"],
            frozenset(value["held"]),
            value["days"],
        )

    def days_of(self, name: str) -> int | None:
        """Of another class; those of its own where none is named, None of one that is kept for
        good."""
        return self.terms.get(name) if name else self.days

    @property
    def years(self) -> Sequence[int]:
        """School years whose records may have had their time."""
        until = school_year_of(self.today)
        return [
            each for each in range(FIRST, until) if goes_on(last_day(each), self.days) <= self.today
        ]


class RoundEnded(Exception):
    """Another version of the policy is in force than the one by which a round was begun, or its
    time is over."""


async def check_in_force(view: ReadsAnew, district: str, policy: int) -> None:
    """Raises RoundEnded where a newer version of the policy is in force, Fault UNAVAILABLE until
    this one is known, and where one cannot be read. 1 database command."""
    row = await view.read_anew(f"{district}:{POLICY_ROW}")
    unread: list[Exception] = []
    known = POLICIES.all_in(row, "policies", unread.append) if row else ()
    newest = max((each.number for each in known), default=0)
    if unread or row.get("incomplete") or newest < policy:
        raise Fault(Kind.UNAVAILABLE, "not_known_yet", "Which policy is in force is not known.")
    if newest > policy:
        raise RoundEnded


def _asked(event: Event) -> Asked:
    message: Any = event.message
    said: retentions.RetentionSnapshot = message.retention
    asked_at = said.asked_at.ToDatetime(UTC)
    value = {
        "round": said.round,
        "policy": said.policy_number,
        "asked_at": asked_at,
        "day": said.day,
        "days": {each.record: each.days for each in said.terms},
        "erases": said.erases,
        "held": list(said.held_person_ids),
    }
    return Asked(event.envelope.occurred_at, value)


ASKS: Mapping[str, Asks] = {retentions.RetentionAsked.DESCRIPTOR.full_name: _asked}
