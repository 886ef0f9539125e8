"""One kind of resource, and its operations in the shapes that there are: see `operation`."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Concatenate, Generic, TypeVar, get_type_hints

from services.chassis.call import Call
from services.chassis.edge import paging
from services.chassis.edge.actions import Acted, Actions, Holds, Known
from services.chassis.edge.answer import Answer
from services.chassis.edge.asked import Asking, asked_of
from services.chassis.edge.device_times import device_times_of
from services.chassis.edge.naming import Names, is_settled, settled
from services.chassis.edge.operation import (
    NAMES,
    Late,
    Operation,
    arguments_of,
    part_of,
    thing_of,
    told_of,
)
from services.chassis.fields import Id, PageResource, Resource, as_it_stands, without_words
from services.chassis.kernel import Versioned
from services.chassis.write.loading import Found

P = TypeVar("P")  # the ports of a service
A = TypeVar("A", bound=Versioned)
S = TypeVar("S")  # what a list holds
K = TypeVar("K")  # the policies' type

UseCase = Callable[Concatenate[P, Call, ...], Awaitable[A]]
Method = Callable[
    [A, str, datetime], None
]  # of the aggregate or what lists show of it: who, and when
RuleOf = Method[A] | Callable[[P, Call, A], Awaitable[None]]  # see `actions.Rule`


class Noun(Generic[P, A]):
    """One kind of resource. `path` is that of one of them, `held` says where they are (None:
    nothing of them goes without a use case), and `resource` makes what callers see, anew each
    time: from the aggregate, from call and aggregate where it is not the same for all who see
    it, or from ports and aggregate (or ports, call and aggregate) where it has to ask. Operations
    that have a rule, `when`, stand in the `allowed` of what is `Acted`. `names` fills in the names
    beside ids, and says which ids are not shown. `of`: the noun that has rules and names, where
    this one shows its things `inside` something else. Raises ValueError where something is to be
    settled and nobody asked."""

    def __init__(
        self,
        path: str,
        held: Callable[[P], Holds[A]] | None,
        resource: Callable[[A], Resource]
        | Callable[[Call, A], Resource]
        | Callable[[P, A], Awaitable[Resource]]
        | Callable[[P, Call, A], Awaitable[Resource]],
        *,
        names: Callable[[P], Names] | None = None,
        of: Noun[P, Any] | None = None,
        inside: str = "",
    ) -> None:
        self.path = path
        self._held = held
        self.collection = path.rpartition("/{")[0]
        self.word = self.id.removesuffix("_id")
        self._answer = get_type_hints(resource)["return"]
        self._asks = inspect.iscoroutinefunction(resource)
        takes = len(inspect.signature(resource).parameters)
        self._differs = takes > (2 if self._asks else 1)
        self._resource: Callable[..., Any] = resource
        self.actions: Actions[P] = Actions(held) if of is None else of.actions
        self._names: Callable[[P], Names] | None = names if of is None else of._names
        self._inside = inside
        self._check(self._answer)

    def _check(self, shown: type[Resource]) -> None:
        if self._names is None and is_settled(shown):
            raise ValueError(f"{self.path}: {shown.__name__} needs names")

    @property
    def id(self) -> str:
        found: str = NAMES.findall(self.path)[-1]
        return found

    @property
    def held(self) -> Callable[[P], Holds[A]]:
        if self._held is None:
            raise ValueError(f"{self.path}: nothing says where they are")
        return self._held

    async def resources(
        self,
        ports: P,
        call: Call,
        things: Iterable[Any],
        item: Callable[[Any], Resource] | None = None,
    ) -> Sequence[Resource]:
        """Those of one answer: for a partner's program without what people wrote; for it, and who
        reads things only as they stand, without what stood there before. `item` as in `find`."""
        known: Known = {}
        shown = [await self._shown(ports, call, each, known, item) for each in things]
        if call.principal.partner or call.as_it_stands:
            shown = [as_it_stands(each) for each in shown]
        if call.principal.partner:
            shown = [without_words(each) for each in shown]
        if self._names is not None:
            await settled(shown, call, self._names(ports))
        return shown

    async def resource(self, ports: P, call: Call, thing: Any) -> Resource:
        (shown,) = await self.resources(ports, call, (thing,))
        return shown

    async def _shown(
        self,
        ports: P,
        call: Call,
        thing: Any,
        known: Known,
        item: Callable[[Any], Resource] | None,
    ) -> Resource:
        made: Resource
        seen = (call, thing) if self._differs else (thing,)
        if item is not None:
            made = item(thing)
        elif self._asks:
            made = await self._resource(ports, *seen)
        else:
            made = self._resource(*seen)
        inner = getattr(made, self._inside) if self._inside else made
        if isinstance(inner, Acted):
            vars(inner)["allowed"] = await self.actions.allowed(ports, call, thing, known)
        return made

    def create(
        self,
        case: UseCase[P, A],
        policy: K,
        *,
        path: str = "",
        late: Late | None = Late.ADDS,
    ) -> Operation[P, K]:
        """POST to the collection, or to a `path` of its own: another way to make one. 201 with its
        place. `late`: None where it may change what is there already, or begin it anew."""

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            made = await case(ports, call, asked.body)
            shown = await self.resource(ports, call, made)
            place = f"{self.collection}/{getattr(shown, self.id, made.id)}"
            return _answer(shown, made, place)

        path = path or self.collection
        return self._of(case, "POST", path, policy, run, status=201, late=late)

    def change(
        self,
        case: UseCase[P, A],
        policy: K,
        action: str,
        *,
        verb: str = "POST",
        versioned: bool = False,
        when: RuleOf[A, P] | None = None,
        late: Late | None = Late.SEEN,
    ) -> Operation[P, K]:
        """A verb on `action` below the resource. `versioned`: only with the version seen. `late`:
        None of what brings about something anew when it is done again under the same key."""
        self.actions.add(case.__name__, policy, when)
        path = f"{self.path}/{action}" if action else self.path

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            thing = await case(ports, call, *arguments_of(asked), **part_of(asked, "query"))
            return _answer(await self.resource(ports, call, thing), thing)

        late = None if verb == "GET" else late
        return self._of(case, verb, path, policy, run, versioned=versioned, late=late)

    def move(
        self,
        method: Method[A],
        policy: K,
        action: str = "",
        *,
        when: RuleOf[A, P] | None = None,
        late: Late = Late.SEEN,
    ) -> Operation[P, K]:
        """POST without a body: a method of the aggregate is the use case."""
        held = self.held
        name = f"{method.__name__}_{self.word}"
        self.actions.add(name, policy, when)
        path = f"{self.path}/{action or method.__name__}"

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            (found,) = arguments_of(asked)
            thing = await held(ports).move(call, found, method)
            return _answer(await self.resource(ports, call, thing), thing)

        asked = Asking(name, {self.id: (Id, ...)}, None)
        return self._made(name, "POST", path, policy, told_of(method), asked, run, late=late)

    def get(self, policy: K, case: UseCase[P, A] | None = None) -> Operation[P, K]:
        """One by its id; by its use case where that is more, or the id something else."""
        if case is not None:
            return self.change(case, policy, "", verb="GET")
        held = self.held

        async def run(ports: P, call: Call, asked: Any) -> Answer:
            (found,) = arguments_of(asked)
            thing = await held(ports).get(call, found)
            return _answer(await self.resource(ports, call, thing), thing)

        name = f"get_{self.word}"
        told = told_of(self._resource)
        asked = Asking(name, {self.id: (Id, ...)}, None)
        return self._made(name, "GET", self.path, policy, told, asked, run)

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
            named = part_of(asked, "path") | part_of(asked, "query")
            limit, token = paging.page_size(named.pop("page_size")), named.pop("page_token")
            scope = paging.scope_of(call, **named)
            after = paging.decode_token(token, scope)
            found = await case(ports, call, **named, after=after, limit=limit)
            token = paging.encode_token(found.after, scope)
            shown = await self.resources(ports, call, found.items, item)
            given = {many: shown, "next_page_token": token, "left_out": found.left_out}
            return Answer(page(**given, **found.more), next_page_token=token)

        shows = get_type_hints(item)["return"] if item is not None else self._answer
        self._check(shows)
        path = path or self.collection
        return self._of(case, "GET", path, policy, run, page=page, acted=shows)

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
        asked = asked_of(case, NAMES.findall(path), paged=paged, reads=reads)
        if page is not None:
            more["answer"] = page
        return self._made(name, verb, path, policy, told_of(case), asked, run, **more)

    def _made(
        self,
        name: str,
        verb: str,
        path: str,
        policy: K,
        told: str,
        asked: Asking,
        run: Callable[[P, Call, Any], Awaitable[Answer]],
        *,
        answer: type[Resource] | None = None,
        acted: type[Resource] | None = None,
        **more: Any,
    ) -> Operation[P, K]:
        shown: Any = acted or self._answer
        if self._inside:
            shown = shown.model_fields[self._inside].annotation
        more["acted"] = shown if issubclass(shown, Acted) else None
        more["actions"] = self.actions
        more["thing"] = thing_of(self.path)
        return Operation(name, verb, path, policy, told, asked, answer or self._answer, run, **more)


def _answer(shown: Resource, thing: Any, place: str = "") -> Answer:
    """With the version that it says itself, which may be another to whom not all is told."""
    times = device_times_of(shown, getattr(thing, "device_times", ()))
    version = getattr(shown, "version", thing.version)
    return Answer(shown, version, place, device_times=times)
