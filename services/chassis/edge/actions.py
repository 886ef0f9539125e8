"""What a caller may do with a thing now: of the operations on it those that would be let through,
by the policies and by the rules of its state that these operations ask themselves."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from pydantic import Field

from services.chassis.call import Call
from services.chassis.fields import Resource
from services.chassis.kernel import Fault, Kind, Versioned

P = TypeVar("P")
A_co = TypeVar("A_co", bound=Versioned, covariant=True)

Move = Callable[[Any, str, Any], None]  # a method of the aggregate: who, and when
# What an operation asks of a thing's state before it does anything: a method that the thing and its
# summary have, of who and when, or a function of ports, call and thing. Raises the Fault of a
# refusal.
Rule = Callable[[Any, str, datetime], None] | Callable[[Any, Call, Any], Awaitable[None]]
Known = dict[Hashable, bool]
_REFUSALS = (Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.CONFLICT, Kind.LIMITED)


class Holds(Protocol[A_co]):
    """Where aggregates are read and changed, access decided on the way."""

    async def get(self, call: Call, id: str) -> A_co: ...

    async def move(self, call: Call, id: str, method: Move) -> A_co:
        """Change it by a method that takes who and when."""

    async def admits(self, call: Call, operation: str, thing: Any, known: Known) -> bool:
        """Whether the policy of an operation lets the caller do it with a thing. `known`: what was
        found of others in the same answer."""

    def now(self) -> datetime: ...


class Acted(Resource):
    """A resource that says what its reader may do with it."""

    allowed: list[str] = Field(
        default=[],
        description="The operations on it that the caller would be let do now, by their ids: "
        "what they send may still be wrong",
    )


@dataclass(frozen=True, slots=True)
class _Action:
    """`first` is the first operation that has its policy; a rule that `asks` takes
    ports, call and thing."""

    name: str
    first: str
    rule: Any
    asks: bool


class Actions(Generic[P]):
    """The operations on one kind of thing that have a rule."""

    def __init__(self, held: Callable[[P], Holds[Any]] | None) -> None:
        self._held = held
        self._all: list[_Action] = []
        # the first operation of each policy: most operations on a thing have the same
        self._first: dict[Any, str] = {}

    def add(self, name: str, policy: Any, rule: Rule | None) -> None:
        if rule is None:
            return
        first = self._first.setdefault(policy, name)
        self._all.append(_Action(name, first, rule, inspect.iscoroutinefunction(rule)))

    @property
    def names(self) -> Sequence[str]:
        return [each.name for each in self._all]

    async def allowed(self, ports: P, call: Call, thing: Any, known: Known) -> list[str]:
        """No database command where the profiles that access asks for are warm."""
        if self._held is None or not self._all:
            return []
        held = self._held(ports)
        by, at, found = call.principal.id, held.now(), []
        admitted = {
            each: await held.admits(call, each, thing, known) for each in self._first.values()
        }
        for each in self._all:
            if not admitted[each.first]:
                continue
            try:
                if each.asks:
                    await each.rule(ports, call, thing)
                else:
                    getattr(thing, each.rule.__name__)(by, at)
            except Fault as fault:
                if fault.kind not in _REFUSALS:
                    raise
            else:
                found.append(each.name)
        return found
