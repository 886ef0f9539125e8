"""An operation stated once: from one line the chassis makes its REST route and its RPC.

    THING = Noun("/things/{thing_id}", lambda ports: ports.things, thing_resource)
    OPERATIONS = Table(
        "things", pb.DESCRIPTOR.services_by_name["ThingsService"], add_to_server,
        THING.create(make_thing, ANYBODY),
        THING.change(rename_thing, OWN, "rename"),
        THING.move(Thing.finish, OWN, when=Thing.check_finish),
        THING.get(OWN),
        THING.find(list_things, ANYBODY, ThingPage),
    )

A use case's own signature is the contract: ports, the call, the ids of the path by their names,
one body whole; of a read the filters, by name, and of a list `after` and `limit`. Its name is the
operation's, the RPC's in snake case, and its docstring's first paragraph is what callers are told.
What the operation asks of a thing's state before it does anything is its rule, `when`: from rules
and policies comes what a resource says is `allowed` (`actions`).
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, TypeVar, get_args, get_type_hints

from google.protobuf.descriptor import ServiceDescriptor

from services.chassis.call import Call
from services.chassis.edge.actions import Actions
from services.chassis.edge.answer import Answer, Kept
from services.chassis.edge.asked import Asking, asked_of
from services.chassis.edge.naming import is_settled
from services.chassis.fields import Resource

P = TypeVar("P")  # the ports of a service
K = TypeVar("K")  # the policies' type

NAMES = re.compile(r"{(\w+)(?::path)?}")


class Late(enum.StrEnum):
    """What becomes of a command that comes late, from a device that was offline: it `ADDS`
    something, by an id of its own; it `WINS` over whatever else was done, but for what was agreed
    anew; or it must have `SEEN` the newest version of what it changes."""

    ADDS = "adds"
    WINS = "wins"
    SEEN = "seen"


@dataclass(frozen=True)
class Operation(Generic[P, K]):
    """One row. `late`: None where no device that was offline does it. `thing`: the path of what it
    is about."""

    name: str
    verb: str
    path: str
    policy: K
    about: str  # for callers
    asked: Asking
    answer: type[Resource]
    run: Callable[[P, Call, Any], Awaitable[Answer]]
    status: int = 200
    versioned: bool = False
    acted: type[Resource] | None = None  # what of the answer says what is `allowed`
    actions: Actions[P] | None = None  # which of them there are
    late: Late | None = None
    thing: str = ""


def apart(
    case: Callable[Concatenate[P, Call, ...], Awaitable[Resource | Kept[Any]]],
    verb: str,
    path: str,
    policy: K,
    *,
    late: Late | None = None,
) -> Operation[P, K]:
    """An operation of no shape: its use case answers the resource itself. Raises ValueError for one
    with names or references, which nothing would settle."""
    asked = asked_of(case, NAMES.findall(path), paged=False, reads=verb == "GET")

    async def run(ports: P, call: Call, given: Any) -> Answer:
        found = await case(ports, call, *arguments_of(given), **part_of(given, "query"))
        if isinstance(found, Kept):
            return Answer(found.resource, written=found.written, digest=found.digest)
        return Answer(found)

    answer = get_type_hints(case)["return"]
    answer = get_args(answer)[0] if get_args(answer) else answer
    if is_settled(answer):
        raise ValueError(f"{case.__name__}: {answer.__name__} needs names")
    name, told, thing = case.__name__, told_of(case), thing_of(path)
    return Operation(name, verb, path, policy, told, asked, answer, run, late=late, thing=thing)


class Table(Generic[P, K]):
    """The operations of one RPC service and their routes. `by_hand` are written out elsewhere,
    under these policies: streams, uploads, what no shape fits. Raises ValueError for a name that
    two have; what does not fit the RPCs `grpc_operations.rpc_service` names."""

    def __init__(
        self,
        service: str,
        rpc: ServiceDescriptor,
        add: Callable[[Any, Any], None],
        *operations: Operation[P, K],
        by_hand: dict[str, K] | None = None,
    ) -> None:
        self.service = service
        self.rpc = rpc
        self.add = add
        self.operations = operations
        self.by_hand = by_hand or {}
        names = [each.name for each in operations] + list(self.by_hand)
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"{service}: stated twice: {', '.join(sorted(twice))}")

    @property
    def policies(self) -> dict[str, K]:
        return {each.name: each.policy for each in self.operations} | self.by_hand


def thing_of(path: str) -> str:
    """A path up to its last id: of what it is about, or that is in."""
    return path[: path.rfind("}") + 1]


def arguments_of(asked: Any) -> list[Any]:
    """The ids of the path in their order, then the body."""
    parts = vars(asked)
    found = list(vars(parts["path"]).values()) if "path" in parts else []
    if "body" in parts:
        found.append(parts["body"])
    return found


def part_of(asked: Any, name: str) -> dict[str, Any]:
    part = vars(asked).get(name)
    return {} if part is None else vars(part)


def told_of(case: Callable[..., Any]) -> str:
    told = inspect.getdoc(case)
    if not told:
        raise ValueError(f"{case.__name__}: says nothing of itself")
    return " ".join(told.split("\n\n")[0].split())
