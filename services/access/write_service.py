"""What every write service is made of: an API over HTTP and gRPC, a relay from its outbox to
its topic, and the projector of its access view."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from fastapi import APIRouter, FastAPI

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.access.access import Access
from services.access.directory import CachedDirectory
from services.access.policy import Policies, Policy
from services.access.projection import COLLECTION, access_projection
from services.chassis.backing import Backing
from services.chassis.clock import ServiceClock
from services.chassis.edge.grpc_server import GrpcServer, RpcService, call_of, serve_grpc
from services.chassis.edge.health import Health, build_internal, serve_internal
from services.chassis.edge.http import build_http, serve_http
from services.chassis.edge.identity import Identity, Verifier
from services.chassis.edge.journal_rpc import SCOPE, JournalService
from services.chassis.kernel import Clock
from services.chassis.metrics import Metrics
from services.chassis.observe import RelayMetrics, observe_projector
from services.chassis.runner import Role
from services.chassis.settings import ChassisSettings
from services.chassis.tracing import Tracer
from services.chassis.views.batch import Limits
from services.chassis.views.parking import ParkingLimits
from services.chassis.views.projection import Projection, Row
from services.chassis.views.projector import Projector
from services.chassis.views.watch import RowChanged, RowWatch, TooSlow
from services.chassis.write.documents import Journal
from services.chassis.write.relay import Relay

VERSION = "0.1.0"
LIMITS = Limits()
BESIDE_AN_API = Limits(burst=1_000)  # memory of a burst is not given back: of 10,000, 35 MB


@dataclass(frozen=True)
class Base:
    """What a service's own wiring starts from."""

    name: str
    settings: ChassisSettings
    backing: Backing
    clock: Clock
    access: Access
    directory: CachedDirectory
    identity: Verifier
    metrics: Metrics
    tracer: Tracer
    health: Health


@dataclass(frozen=True)
class Service:
    """A service ready to run. `roles` go to `runner.run`, `internal` is the internal port."""

    name: str
    app: FastAPI
    grpc: GrpcServer
    roles: dict[str, Role]
    internal: Role
    relay: Relay | None
    projectors: tuple[Projector, ...]
    backing: Backing


JOURNAL_POLICIES: Policies = {
    name: Policy(scopes=frozenset({SCOPE})) for name in ("read_journal", "list_versions")
}


class _Rows:
    """`directory.AccessRows` over a service's own access view."""

    def __init__(self, service: str, backing: Backing) -> None:
        self._view = access_projection(service).group
        self._rows = backing.rows

    async def access_row(self, row_id: str) -> Row | None:
        return await self._rows.row(self._view, COLLECTION, row_id)


def base(
    name: str,
    settings: ChassisSettings,
    backing: Backing,
    policies: Policies,
    *,
    clock: Clock | None = None,
    identity: Verifier | None = None,
) -> Base:
    """`clock` and `identity` are given by tests; a process makes its own."""
    metrics = Metrics()
    clock = clock or ServiceClock()
    cached_seconds = 10.0 if backing.watch is not None else 0.0
    directory = CachedDirectory(_Rows(name, backing), seconds=cached_seconds)
    return Base(
        name=name,
        settings=settings,
        backing=backing,
        clock=clock,
        access=Access(policies, directory, clock),
        directory=directory,
        identity=identity or Identity(settings, metrics),
        metrics=metrics,
        tracer=Tracer(
            name, version=VERSION, ratio=settings.trace_ratio, endpoint=settings.otlp_endpoint
        ),
        health=Health(backing.ping),
    )


def projector_of(each: Base, projection: Projection, limits: Limits = LIMITS) -> Projector:
    """`limits` but for parking, which the settings decide."""
    parking = ParkingLimits(share=each.settings.parking_share, most=each.settings.parking_most)
    return Projector(
        source=each.backing.source(projection.group, projection.topics),
        views=each.backing.views,
        projection=projection,
        clock=each.clock,
        limits=replace(limits, parking=parking),
    )


def write_service(
    each: Base,
    title: str,
    policies: Policies,
    routers: Sequence[APIRouter],
    rpcs: Sequence[RpcService],
    anonymous: frozenset[str] = frozenset(),
) -> Service:
    """Raises ValueError, naming the operations, where a route or RPC has no policy."""
    relay = Relay(
        each.backing.store,
        each.backing.journal,
        each.backing.producer,
        topic=f"coaching.{each.name}.v1",
        source=f"/tandem/{each.name}",
        bell=each.backing.bell,
        watch=RelayMetrics(each.metrics, each.clock),
    )
    return assemble(
        each,
        title,
        policies,
        routers,
        [*rpcs, _journal(each.backing.journal)],
        anonymous,
        relay=relay,
        projectors={"access": projector_of(each, access_projection(each.name), BESIDE_AN_API)},
    )


def assemble(
    each: Base,
    title: str,
    policies: Policies,
    routers: Sequence[APIRouter],
    rpcs: Sequence[RpcService],
    anonymous: frozenset[str],
    *,
    relay: Relay | None,
    projectors: dict[str, Projector],
    roles: Mapping[str, Role] | None = None,
) -> Service:
    """Roles: `api` (REST, gRPC and what keeps its caches right), `relay`, `projector`, and
    those given."""
    app = build_http(
        each.name,
        title,
        routers,
        each.settings,
        each.identity,
        policies=policies,
        metrics=each.metrics,
        tracer=each.tracer,
        version=VERSION,
    )
    grpc = GrpcServer(
        rpcs,
        each.settings,
        each.identity,
        policies={**policies, **JOURNAL_POLICIES},
        metrics=each.metrics,
        tracer=each.tracer,
        anonymous=anonymous,
    )
    all_roles: dict[str, Role] = {
        "api.rest": serve_http(app, each.settings),
        "api.grpc": serve_grpc(grpc),
        **{f"projector.{name}": _watched(name, p, each) for name, p in projectors.items()},
        **each.backing.roles,
        **(roles or {}),
    }
    if each.backing.watch is not None:
        view = access_projection(each.name).group
        all_roles["api.access"] = _forgetting(
            each.directory, each.backing.watch(view, COLLECTION, False)
        )
    if relay is not None:
        all_roles["relay"] = _relaying(relay, each)
    internal = build_internal(each.health, each.metrics, each.settings)
    return Service(
        name=each.name,
        app=app,
        grpc=grpc,
        roles=all_roles,
        internal=serve_internal(internal, each.settings),
        relay=relay,
        projectors=tuple(projectors.values()),
        backing=each.backing,
    )


def _watched(name: str, projector: Projector, each: Base) -> Role:
    async def run(stop: asyncio.Event) -> None:
        each.health.watch(f"projector.{name}", projector.moves)
        async with asyncio.TaskGroup() as group:
            group.create_task(observe_projector(projector, each.metrics, stop))
            await projector.run(stop)

    return run


def _relaying(relay: Relay, each: Base) -> Role:
    async def run(stop: asyncio.Event) -> None:
        each.health.watch("relay", relay.moves)
        await relay.run(stop)

    return run


def _forgetting(directory: CachedDirectory, watch: RowWatch) -> Role:
    """Profiles whose rows changed are forgotten at once."""

    async def listen(stop: asyncio.Event) -> None:
        while not stop.is_set():
            with watch.subscribe() as notices:
                directory.forget_all()
                with suppress(TooSlow):
                    while not stop.is_set():
                        notice = await notices.next(timeout=1.0)
                        if isinstance(notice, RowChanged):
                            directory.forget(notice.row)
                        elif notice is not None:
                            directory.forget_all()

    async def run(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(stop))
            await watch.run(stop)

    return run


def _journal(journal: Journal) -> RpcService:
    return RpcService(
        journal_pb2_grpc.add_JournalServiceServicer_to_server,
        JournalService(journal, call_of),
        journal_pb2.DESCRIPTOR.services_by_name["JournalService"],
    )
