"""The platform in one process on memory adapters: real services, real projectors, no engine.

Nothing moves by itself: `settle` runs relays and projectors until there is nothing to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import CodeType
from typing import Any, TypeVar
from unittest.mock import patch

import httpx2
from fastapi import FastAPI, routing
from fastapi.utils import create_model_field

from services.access.districts import Districts
from services.access.policy import widened
from services.assembly.registry import SERVICES
from services.assembly.service import Service
from services.chassis.backing import memory
from services.chassis.call import Principal
from services.chassis.edge import grpc_answer, grpc_operations, http_docs
from services.chassis.edge.http_operations import OperationRoute
from services.chassis.edge.operation import Operation
from services.chassis.kernel import Fault, Kind
from services.chassis.log.collector import Collector
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import ChassisSettings, load
from services.chassis.views.projector import Timing
from services.ctl.local.ensure import bootstrap_of
from tests.support.asking import Asks
from tests.support.clocks import FakeClock

S = TypeVar("S", bound=ChassisSettings)
BOOTSTRAPS: Mapping[str, Any] = {name: bootstrap_of(name) for name in SERVICES}
OF_PYTEST = "PYTEST_CURRENT_TEST"  # of the environment: another in each test, and no setting
_documents: dict[str, dict[str, Any]] = {}
_routes: dict[tuple[str, Operation[Any, Any]], OperationRoute] = {}
_taken: dict[tuple[str, CodeType], Any] = {}
_named: dict[int, frozenset[str]] = {}
_openapi, _described = http_docs.openapi, OperationRoute.__init__
_names_in = http_docs.names_in
_take = routing._build_dependant_with_parameterless_dependencies
_field = cache(create_model_field)
_teller, _reader = cache(grpc_answer.teller), cache(grpc_operations._reader)


@contextmanager
def described_once() -> Iterator[None]:
    """To build a service in: to describe its routes, to make its OpenAPI document and to find out
    how messages are read and told takes longest, and all are always the same. What answers is made
    anew."""
    document = patch.object(http_docs, "openapi", _document)
    named = patch.object(http_docs, "names_in", _names)
    route = patch.object(OperationRoute, "__init__", _describe)
    told = patch.object(grpc_operations, "teller", _teller)
    reads = patch.object(grpc_operations, "_reader", _reader)
    takes = patch.object(routing, _take.__name__, _takes)
    field = patch.object(routing, "create_model_field", _field)
    with document, named, route, told, reads, takes, field:
        yield


def _names(document: dict[str, Any]) -> frozenset[str]:
    place = id(document)  # of one of `_documents`, which stay
    if place not in _named:
        _named[place] = _names_in(document)
    return _named[place]


def _document(app: FastAPI, service: str) -> dict[str, Any]:
    if service not in _documents:
        _documents[service] = _openapi(app, service)
    return _documents[service]


def _describe(
    route: OperationRoute, prefix: str, operation: Operation[Any, Any], ports: Any, tag: str
) -> None:
    known = _routes.get((prefix, operation))
    if known is None:
        _described(route, prefix, operation, ports, tag)
        _routes[prefix, operation] = route
        return
    vars(route).update(vars(known), _ports=ports, app=_never)
    route.get_route_handler()


def settings_of(kind: type[S], **told: Any) -> S:
    """Those of a test on this machine; `told` are some of them, each hashable."""
    environ = os.environ.items() - {OF_PYTEST: os.environ.get(OF_PYTEST)}.items()
    loaded: S = _loaded(kind, frozenset(told.items()), frozenset(environ))
    return loaded


@cache
def _loaded(kind: Any, told: Any, environ: Any) -> Any:
    """What an environment says does not change, and neither do settings."""
    return load(kind, environment="test", host="127.0.0.1", grpc_port=0, **dict(told))


def _takes(*, path: str, call: Callable[..., Any], dependencies: Any) -> Any:
    """What a route that is written by hand takes: the function that answers is made anew with its
    service, and what it says of itself stays."""
    code: CodeType | None = getattr(call, "__code__", None)
    if code is None or dependencies or hasattr(call, "__signature__"):  # which says more
        return _take(path=path, call=call, dependencies=dependencies)
    if (path, code) not in _taken:
        _taken[path, code] = _take(path=path, call=call, dependencies=dependencies)
    dependant, *more = _taken[path, code]
    return replace(dependant, call=call), *more


async def _never(*_: object) -> None:
    raise AssertionError("an operation is answered without FastAPI's own handler")


class NamedCallers:
    """A `Verifier` for tests: the token `district/person` is that person; the token
    `district/partner?scope+scope` is a partner. With `!purpose` behind it is for that."""

    def seen(self, token: str) -> Principal | None:
        return None

    def recalls(self, token: str) -> bool:
        return False

    async def verify(self, token: str) -> Principal:
        district, slash, who = token.partition("/")
        if not slash:
            raise Fault(Kind.UNAUTHENTICATED, "bad_token", "The token is not valid.")
        who, _, purpose = who.partition("!")
        partner, asked, scopes = who.partition("?")
        if asked:
            granted = widened(frozenset(scopes.split("+")))
            return Principal(district, partner=partner, scopes=granted, purpose=purpose)
        return Principal(district, person=who, purpose=purpose)


class Platform(Asks):
    """`clock` is shared by all services; `told` are more of their settings."""

    def __init__(
        self, log: MemoryLog | None = None, districts: Districts | None = None, **told: Any
    ) -> None:
        self.clock = FakeClock()
        self.log = log or MemoryLog()
        with described_once():
            self.services: dict[str, Service] = {
                name: each.build(
                    settings_of(each.Settings, **told),
                    memory(self.log),
                    districts=districts or Districts(),
                    clock=self.clock,
                    identity=NamedCallers(),
                )
                for name, each in BOOTSTRAPS.items()
            }
        for service in self.services.values():
            for projector in service.projectors:  # nothing comes while one waits: it moves by hand
                projector.timing = Timing(wait=0)
            for other in service.others.values():
                if isinstance(other, Collector):
                    other.stall = 1e9  # however far a test moves the clock
                    other.wait = 0

    async def carry_out(self) -> None:
        for service in self.services.values():
            for other in service.others.values():
                await other.round()

    async def settle(self) -> None:
        """Publish, project and do what is due until every outbox is empty and every projector
        caught up."""
        for _ in range(100):
            moved = 0
            for service in self.services.values():
                if service.relay is not None:
                    moved += await service.relay.round()
                for projector in service.projectors:
                    before = projector.counts.records
                    await projector.round()
                    moved += projector.counts.records - before
                    moved += projector.source.behind(projector.positions())
                if service.duties is not None:
                    moved += await service.duties.round()
                if service.looks is not None:
                    moved += await service.looks.book.flush() + await service.looks.relay.round()
                for other in service.others.values():
                    moved += await other.round()
            if not moved:
                return
        raise AssertionError("the platform does not come to rest")

    def client(self, service: str, caller: str) -> httpx2.AsyncClient:
        """A client that speaks for a caller such as `north/coach-1`; settles nothing."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.services[service].app),
            base_url=f"http://{service}",
            headers={"Authorization": f"Bearer {caller}"} if caller else {},
        )
