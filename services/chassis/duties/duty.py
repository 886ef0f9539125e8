"""Duties: what an event obliges its reader to do, by a command, at once or when the time comes.

A projection makes a to-do of each event that asks for one: a row of the collection `duties`, with
`_id` `duty:aggregate:version:key`, whose one fact is what the event asked for. What becomes of it
stands beside the facts and is written by whoever runs it (`todos`): no event changes a to-do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from services.chassis.call import Call, Principal
from services.chassis.duties.view import duties_view
from services.chassis.log.envelope import Envelope
from services.chassis.views.projection import Event, Fact, Fold, Projection, Row, topics_of

P = TypeVar("P")

COLLECTION = "duties"
OPEN, DONE, GIVEN_UP = "open", "done", "given_up"


class Asked(NamedTuple):
    """What an event asks for: not before `due`, with what the command has to know (BSON-able
    values; no free text)."""

    due: datetime
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to be done. `fact` is what its event asked for, as it is stored: its properties
    raise KeyError where that is broken. `due`: when it is tried next; `tries` counts those of
    which nobody knows that they will pass; `error` is the code of the last one that failed;
    `looked_at` is when the last one ended, where that said when to look again."""

    id: str
    district: str
    state: str
    due: datetime
    tries: int
    error: str
    by: str
    fact: Mapping[str, Any]
    looked_at: datetime | None = None

    @property
    def duty(self) -> str:
        return self.id.partition(":")[0]

    @property
    def event(self) -> str:
        """The id of the event that asked for it."""
        return str(self.fact["event"])

    @property
    def aggregate(self) -> str:
        return str(self.fact["aggregate"])

    @property
    def version(self) -> int:
        return int(self.fact["v"])

    @property
    def key(self) -> str:
        """Whose it is: the event's key, `district:person`."""
        return str(self.fact["key"])

    @property
    def value(self) -> Mapping[str, Any]:
        """As its duty's `asks` gave it."""
        value: Mapping[str, Any] = self.fact["value"]
        return value

    def call(self) -> Call:
        """The command's: its key is the to-do's id, so that it has one effect however often it
        runs; what it changes names the event as its cause."""
        return Call(
            operation=self.duty,
            principal=Principal(self.district, duty=self.duty),
            key=self.id,
            fingerprint=self.event,
            causation=self.event,
        )


Asks = Callable[[Event], Asked | None]
Run = Callable[[Call, Todo], Awaitable[datetime | None]]


@dataclass(frozen=True, slots=True)
class Duty(Generic[P]):
    """`name` (`[a-z_]+`) stays what it is: ids hang on it, and who a change is by.

    `asks`, by full protobuf name, reads an event; None: there is nothing to do. May raise
    InvalidEvent. `run` does it under the call's key and by what is true then: run again, it
    changes nothing more. It gives None when all is done, or when to look again. Raises Fault:
    UNAVAILABLE and OVERLOADED are tried again for as long as they last, all else a bounded
    number of times."""

    name: str
    asks: Mapping[str, Asks]
    run: Callable[[P, Call, Todo], Awaitable[datetime | None]]

    def on(self, ports: P) -> ReadyDuty:
        """With what it runs on."""
        return ReadyDuty(self, partial(self.run, ports))


class ReadyDuty(NamedTuple):
    duty: Duty[Any]
    run: Run


def duties_projection(
    service: str, duties: Sequence[Duty[Any]], topics_version: int = 1
) -> Projection:
    """What makes the to-dos of a service. `topics_version` as `Projection` says: it is raised when
    a duty asks of one topic more, or the last one of a topic goes."""
    types = dict.fromkeys(type_ for duty in duties for type_ in duty.asks)
    return Projection(
        group=duties_view(service),
        topics=topics_of(types),
        folds={type_: _fold([each for each in duties if type_ in each.asks]) for type_ in types},
        derive={COLLECTION: _beginning},
        row_of_known=partial(_asked_already, duties),
        collections=(COLLECTION,),
        topics_version=topics_version,
    )


def todo_of(row: Row) -> Todo:
    """Whatever its fact holds."""
    group: Any = next(iter(row.get("facts", {}).values()), {})
    fact: Any = next(iter(group.values()), {})
    tries, settled_at = row.get("tries"), row.get("settled_at")
    looked = isinstance(settled_at, datetime) and not row.get("error")
    return Todo(
        id=row["_id"],
        district=row["district"],
        state=row["state"],
        due=row["due"],
        tries=tries if isinstance(tries, int) else 0,
        error=str(row.get("error", "")),
        by=str(row.get("by", "")),
        fact=fact,
        looked_at=settled_at if looked else None,
    )


def _fold(duties: Sequence[Duty[Any]]) -> Fold:
    def fold(event: Event) -> Sequence[Fact]:
        envelope = event.envelope
        facts = []
        for duty in duties:
            asked = duty.asks[envelope.type](event)
            if asked is not None:
                value = {
                    "event": envelope.event_id,
                    "aggregate": envelope.aggregate_id,
                    "key": envelope.key,
                    "due": asked.due,
                    "value": asked.value,
                }
                facts.append(
                    Fact(COLLECTION, _id(duty, envelope), duty.name, envelope.aggregate_id, value)
                )
        return facts

    return fold


def _id(duty: Duty[Any], envelope: Envelope) -> str:
    return ":".join((duty.name, envelope.aggregate_id, str(envelope.version), envelope.key))


def _asked_already(duties: Sequence[Duty[Any]], envelope: Envelope) -> Sequence[tuple[str, str]]:
    return [(COLLECTION, _id(each, envelope)) for each in duties if envelope.type in each.asks]


def _beginning(row: Row) -> Mapping[str, Any]:
    """What a new to-do begins with; nothing of one that is known."""
    if "state" in row:
        return {}
    (group,) = row["facts"].values()
    (fact,) = group.values()
    return {"state": OPEN, "due": fact["due"], "tries": 0}
