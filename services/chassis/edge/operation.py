"""An operation stated once: from one line the chassis makes its REST route and its RPC.

    THING = Noun("/things/{thing_id}", lambda ports: ports.things, thing_resource)
    OPERATIONS = Table(
        "things", pb.DESCRIPTOR.services_by_name["ThingsService"], add_to_server,
        THING.create(make_thing, ANYBODY),
        THING.change(rename_thing, OWN, "rename"),
        THING.move(Thing.finish, OWN),
        THING.get(OWN),
        THING.find(list_things, ANYBODY, ThingPage),
    )

A use case's own signature is the contract: ports, the call, the ids of the path by their names,
one body whole; of a read the filters, by name, and of a list `after` and `limit`. Its name is the
operation's, the RPC's in snake case, and its docstring's first paragraph is what callers are told.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, Protocol, TypeVar, get_args, get_type_hints

from google.protobuf.descriptor import ServiceDescriptor

from services.chassis.call import Call
from services.chassis.edge import paging
from services.chassis.edge.answer import Answer, Kept
from services.chassis.edge.asked import Asking, asked_of
from services.chassis.fields import Id, PageResource, Resource
from services.chassis.kernel import Aggregate, invalid
from services.chassis.write.loading import Found

P = TypeVar("P")  # the ports of a service
A = TypeVar("A", bound=Aggregate)
S = TypeVar("S")  # what a list holds
K = TypeVar("K")  # the policies' type

Move = Callable[[Any, str, Any], None]  # a method of the aggregate: who, and when
UseCase = Callable[Concatenate[P, Call, ...], Awaitable[A]]
_NAMES = re.compile(r"{(\w+)(?::path)?}")
A_co = TypeVar("A_co", bound=Aggregate, covariant=True)


class Holds(Protocol[A_co]):
    """Where aggregates are read and changed, access decided on the way."""

    async def get(self, call: Call, id: str) -> A_co: ...

    async def move(self, call: Call, id: str, method: Move) -> A_co:
        """Change it by a method that takes who and when."""


@dataclass(frozen=True)
class Operation(Generic[P, K]):
    """One row."""

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


class Noun(Generic[P, A]):
    """One kind of resource. `path` is that of one of them, `held` says where they are (None:
    nothing of them goes without a use case), and `resource` makes what callers see: from the
    aggregate, or from ports and aggregate where it has to ask."""

    def __init__(
        self,
        path: str,
        held: Callable[[P], Holds[A]] | None,
        resource: Callable[[A], Resource] | Callable[[P, A], Awaitable[Resource]],
    ) -> None:
        self.path = path
        self._held = held
        self.collection = path.rpartition("/{")[0]
        self.word = self.id.removesuffix("_id")
        self._answer = get_type_hints(resource)["return"]
        self._asks = inspect.iscoroutinefunction(resource)
        self._resource: Callable[..., Any] = resource

    @property
    def id(self) -> str:
        found: str = _NAMES.findall(self.path)[-1]
        return found

    @property
    def held(self) -> Callable[[P], Holds[A]]:
        if self._held is None:
            raise ValueError(f"{self.path}: nothing says where they are")
        return self._held

    async def resource(self, ports: P, thing: Any) -> Resource:
        made: Resource = await self._resource(ports, thing) if self._asks else self._resource(thing)
        return made

    def create(self, case: UseCase[P, A], policy: K) -> Operation[P, K]:
        """POST to the collection; 201 with its place."""

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            made = await case(ports, call, asked.body)
            place = f"{self.collection}/{made.id}"
            return Answer(await self.resource(ports, made), made.version, place)

        return self._of(case, "POST", self.collection, policy, run, status=201)

    def change(
        self,
        case: UseCase[P, A],
        policy: K,
        action: str,
        *,
        verb: str = "POST",
        versioned: bool = False,
    ) -> Operation[P, K]:
        """A verb on `action` below the resource. `versioned`: only with the version seen."""
        path = f"{self.path}/{action}" if action else self.path

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            thing = await case(ports, call, *_arguments(asked), **_part(asked, "query"))
            return Answer(await self.resource(ports, thing), thing.version)

        return self._of(case, verb, path, policy, run, versioned=versioned)

    def move(self, method: Move, policy: K, action: str = "") -> Operation[P, K]:
        """POST without a body: a method of the aggregate is the use case."""
        held = self.held
        name = f"{method.__name__}_{self.word}"
        path = f"{self.path}/{action or method.__name__}"

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            (found,) = _arguments(asked)
            thing = await held(ports).move(call, found, method)
            return Answer(await self.resource(ports, thing), thing.version)

        asked = Asking(name, {self.id: (Id, ...)}, None)
        return Operation(name, "POST", path, policy, _told(method), asked, self._answer, run)

    def get(self, policy: K, case: UseCase[P, A] | None = None) -> Operation[P, K]:
        """One by its id; by its use case where that is more, or the id something else."""
        if case is not None:
            return self.change(case, policy, "", verb="GET")
        held = self.held

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            (found,) = _arguments(asked)
            thing = await held(ports).get(call, found)
            return Answer(await self.resource(ports, thing), thing.version)

        name = f"get_{self.word}"
        told = _told(self._resource)
        asked = Asking(name, {self.id: (Id, ...)}, None)
        return Operation(name, "GET", self.path, policy, told, asked, self._answer, run)

    def find(
        self,
        case: Callable[Concatenate[P, Call, ...], Awaitable[Found[S]]],
        policy: K,
        page: type[PageResource],
        item: Callable[[S], Resource] | None = None,
        *,
        path: str = "",
    ) -> Operation[P, K]:
        """A page of the collection; `item` makes what it shows of each, unless the whole."""
        many = next(name for name in page.model_fields if name not in PageResource.model_fields)

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            named = _part(asked, "path") | _part(asked, "query")
            limit, token = paging.page_size(named.pop("page_size")), named.pop("page_token")
            scope = paging.scope_of(call, **named)
            after = paging.decode_token(token, scope)
            found = await case(ports, call, **named, after=after, limit=limit)
            token = paging.encode_token(found.after, scope)
            if item is not None:
                shown = [item(each) for each in found.items]
            else:
                shown = [await self.resource(ports, each) for each in found.items]
            given = {many: shown, "next_page_token": token, "left_out": found.left_out}
            return Answer(page(**given, **found.more), next_page_token=token)

        return self._of(case, "GET", path or self.collection, policy, run, page=page)

    def _of(
        self,
        case: Callable[..., Any],
        verb: str,
        path: str,
        policy: K,
        run: Callable[[P, Call, Any], Awaitable[Answer]],
        *,
        page: type[PageResource] | None = None,
        **more: Any,
    ) -> Operation[P, K]:
        name = case.__name__
        paged, reads = page is not None, verb == "GET"
        asked = asked_of(case, _NAMES.findall(path), paged=paged, reads=reads)
        answer = page or self._answer
        return Operation(name, verb, path, policy, _told(case), asked, answer, run, **more)


def apart(
    case: Callable[Concatenate[P, Call, ...], Awaitable[Resource | Kept[Any]]],
    verb: str,
    path: str,
    policy: K,
) -> Operation[P, K]:
    """An operation of no shape: its use case answers the resource itself."""
    asked = asked_of(case, _NAMES.findall(path), paged=False, reads=verb == "GET")

    async def run(ports: P, call: Call, given: Any) -> Answer:
        found = await case(ports, call, *_arguments(given), **_part(given, "query"))
        if isinstance(found, Kept):
            return Answer(found.resource, written=found.written)
        return Answer(found)

    answer = get_type_hints(case)["return"]
    answer = get_args(answer)[0] if get_args(answer) else answer
    return Operation(case.__name__, verb, path, policy, _told(case), asked, answer, run)


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


def _arguments(asked: Any) -> list[Any]:
    """The ids of the path in their order, then the body."""
    parts = vars(asked)
    found = list(vars(parts["path"]).values()) if "path" in parts else []
    if "body" in parts:
        found.append(parts["body"])
    return found


def _part(asked: Any, name: str) -> dict[str, Any]:
    part = vars(asked).get(name)
    return {} if part is None else vars(part)


def _told(case: Callable[..., Any]) -> str:
    told = inspect.getdoc(case)
    if not told:
        raise ValueError(f"{case.__name__}: says nothing of itself")
    return " ".join(told.split("\n\n")[0].split())


def precondition(call: Call) -> None:
    """Raises Fault `precondition_required` where the caller does not say what it saw."""
    if call.if_match is None:
        raise invalid("precondition_required", "If-Match must name the version you saw.")
