"""What every service is made of: an API over HTTP and gRPC, the projector of its access view, and
in a write service a relay from its outbox to its topic.

A process makes only what its roles need. Each `bootstrap` imports `assembly.api` and its
operations where it makes the API: FastAPI, gRPC and what checks tokens take 20 MB, which a
projector does without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, TypedDict, TypeVar, Unpack

from services.access.access import Access
from services.access.days import Days
from services.access.directory import WHO_MAY_SEE, CachedDirectory, Directory
from services.access.districts import Districts, load_districts
from services.access.known import TiesAsStored
from services.access.policy import Policies
from services.access.projection import access_projection
from services.access.school_days import A_CALENDAR, SchoolDays
from services.access.trust import Trust
from services.assembly.access_rows import AccessRowsOf
from services.assembly.looking import LookTelling, looks_of
from services.assembly.registry import SERVICES
from services.assembly.roles import Moving, moving, watched
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.certificates import show_ends
from services.chassis.clock import ServiceClock
from services.chassis.duties.duty import ReadyDuty, duties_projection
from services.chassis.duties.runner import A_DUTY, DutyRunner
from services.chassis.edge.health import Health, build_internal, serve_internal
from services.chassis.kernel import Aggregate, Clock
from services.chassis.metrics import Metrics
from services.chassis.observe import DutyMetrics, RelayMetrics
from services.chassis.runner import ProcessRole, pick
from services.chassis.settings import ChassisSettings
from services.chassis.tracing import Tracer
from services.chassis.troubles import EVERYWHERE, Troubles
from services.chassis.views.batch import Limits
from services.chassis.views.parking import ParkingLimits
from services.chassis.views.projection import Projection
from services.chassis.views.projector import Projector
from services.chassis.write.documents import Journal
from services.chassis.write.drafts import Drafts
from services.chassis.write.entries import Entries, EntryCodec
from services.chassis.write.memory_drafts import MemoryDrafts
from services.chassis.write.memory_sealing import MemorySealingKey
from services.chassis.write.mongo_drafts import MongoDrafts
from services.chassis.write.mongo_sealing import MongoSealingKey
from services.chassis.write.relay import Relay
from services.chassis.write.sealing import SealingKey
from services.chassis.write.states import SummaryCodec
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import Codec, WritePath

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services.chassis.edge.grpc_server import GrpcServer

A = TypeVar("A", bound=Aggregate)
S = TypeVar("S")
T = TypeVar("T")

VERSION = "0.1.0"
LIMITS = Limits()
SMALL_LOTS = Limits(burst=1_000)  # not all memory of a lot is given back, and access changes little


@dataclass(frozen=True)
class Base:
    """What a service's own wiring starts from."""

    name: str
    settings: ChassisSettings
    districts: Districts
    days: Days
    backing: Backing
    clock: Clock
    directory: CachedDirectory
    school_days: SchoolDays
    identity: Verifier | None  # None: the API checks tokens as the settings say
    metrics: Metrics
    troubles: Troubles
    tracer: Tracer
    health: Health
    looks: LookTelling
    trust: Trust

    @cached_property
    def drafts(self) -> Drafts:
        return self.backing.own(MongoDrafts, lambda _: MemoryDrafts())

    @property
    def journal(self) -> Journal:
        return self.backing.journal

    @cached_property
    def sealing(self) -> SealingKey:
        return self.backing.own(MongoSealingKey, lambda _: MemorySealingKey())

    def path(self, codec: Codec[A]) -> WritePath[A]:
        """The write path of one kind of aggregate of this service."""
        backing = self.backing
        return WritePath(backing.store, codec, self.clock, backing.bell, self.troubles)

    def summaries(self, codec: SummaryCodec[S]) -> Summaries[S]:
        return Summaries(self.backing.store, codec, self.troubles)

    def entries(self, codec: EntryCodec[T]) -> Entries[T]:
        """What has left the aggregates of one kind."""
        return Entries(self.backing.store, self.backing.journal, codec, self.troubles)

    def access_for(
        self, policies: Policies, people: Directory | None = None, ties: TiesAsStored | None = None
    ) -> Access:
        known = people or self.directory
        return Access(policies, known, self.clock, self.days, self.looks.book, self.trust, ties)


@dataclass(frozen=True)
class ServedApi:
    """What answers callers, what each operation grants, and the roles that run it: see
    `assembly.api`."""

    app: FastAPI
    grpc: GrpcServer
    policies: Policies
    roles: Mapping[str, ProcessRole]


@dataclass(frozen=True)
class Service:
    """A service ready to run. `roles` go to `runner.run`, `internal` is the internal port; it and
    those of `last` run until all of these have ended. In a process without the role `api` there is
    no `api`, and asking for its parts fails."""

    name: str
    api: ServedApi | None
    roles: dict[str, ProcessRole]
    internal: ProcessRole
    health: Health
    tracer: Tracer
    relay: Relay | None
    projectors: tuple[Projector, ...]
    backing: Backing
    duties: DutyRunner | None = None
    others: Mapping[str, Moving] = field(default_factory=dict)
    looks: LookTelling | None = None
    last: Mapping[str, ProcessRole] = field(default_factory=dict)

    @property
    def app(self) -> FastAPI:
        assert self.api
        return self.api.app

    @property
    def grpc(self) -> GrpcServer:
        assert self.api
        return self.api.grpc


class Given(TypedDict, total=False):
    """What tests give a service, and a process makes itself."""

    districts: Districts | None
    clock: Clock | None
    identity: Verifier | None


def base(name: str, settings: ChassisSettings, backing: Backing, **given: Unpack[Given]) -> Base:
    """Raises BadSettings for a mistake in the districts file."""
    districts = given.get("districts")
    if districts is None:
        districts = load_districts(settings.districts_file, settings.environment)
    days = Days(districts)
    metrics = Metrics()
    show_ends(metrics, settings.certificate_files)
    clock = given.get("clock") or ServiceClock()
    troubles = Troubles(metrics, known=(*EVERYWHERE, WHO_MAY_SEE, A_DUTY, A_CALENDAR))
    rows = AccessRowsOf(name, backing.rows)
    directory = CachedDirectory(rows, seconds=backing.kept_seconds, troubles=troubles)
    trust = Trust(settings.access_trusted_seconds)
    return Base(
        name=name,
        settings=settings,
        districts=districts,
        days=days,
        backing=backing,
        clock=clock,
        directory=directory,
        school_days=SchoolDays(
            rows, days, directory, trust, troubles, cached=backing.kept_seconds > 0
        ),
        identity=given.get("identity"),
        metrics=metrics,
        troubles=troubles,
        tracer=Tracer(
            name, version=VERSION, ratio=settings.trace_ratio, endpoint=settings.otlp_endpoint
        ),
        health=Health(backing.ping),
        looks=looks_of(name, backing, clock, metrics),
        trust=trust,
    )


def projector_of(each: Base, projection: Projection, limits: Limits = LIMITS) -> Projector:
    """`limits` but for parking, which the settings decide."""
    parking = ParkingLimits(share=each.settings.parking_share, most=each.settings.parking_most)
    return Projector(
        source=each.backing.source(projection.consumers, projection.topics),
        views=each.backing.views,
        projection=projection,
        clock=each.clock,
        limits=replace(limits, parking=parking),
        troubles=each.troubles,
        tracer=each.tracer,
    )


def write_service(
    each: Base,
    api: Callable[[], ServedApi],
    duties: Sequence[ReadyDuty] = (),
    others: Mapping[str, Moving] = MappingProxyType({}),
) -> Service:
    """`api` is called only in a process with that role. Raises what it raises. With `duties`
    there are the roles `projector.duties` and `duties`. `others`: more roles, by name."""
    declared = SERVICES[each.name]
    relay = Relay(
        each.backing.store,
        each.backing.journal,
        each.backing.producer,
        topic=declared.topic,
        source=declared.source,
        bell=each.backing.bell,
        watch=RelayMetrics(each.metrics, each.clock),
        tracer=each.tracer,
    )
    projectors = {"access": projector_of(each, access_projection(each.name), SMALL_LOTS)}
    if not duties:
        return assemble(each, api, relay=relay, projectors=projectors, others=others)
    works = [work.duty for work in duties]
    projection = duties_projection(each.name, works, declared.duties_topics)
    projectors["duties"] = projector_of(each, projection, SMALL_LOTS)
    todos = each.backing.todos(projection.group)
    watch = DutyMetrics(each.metrics, each.clock, duties)
    runner = DutyRunner(todos, duties, each.clock, watch, each.troubles)
    return assemble(each, api, relay=relay, projectors=projectors, duties=runner, others=others)


def assemble(
    each: Base,
    api: Callable[[], ServedApi],
    *,
    relay: Relay | None,
    projectors: dict[str, Projector],
    duties: DutyRunner | None = None,
    others: Mapping[str, Moving] = MappingProxyType({}),
) -> Service:
    """Roles: `api` (REST, gRPC and what keeps its caches right) where this process runs it,
    `relay`, `projector`, `duties` and the `others`."""
    made = api() if each.settings.runs("api") else None
    roles: dict[str, ProcessRole] = {**made.roles} if made else {}
    for name, projector in projectors.items():
        roles[f"projector.{name}"] = watched(name, projector, each.health, each.metrics)
    roles |= each.backing.roles
    if relay is not None:
        roles["relay"] = moving("relay", relay, each.health)
    if duties is not None:
        roles["duties"] = moving("duties", duties, each.health)
    roles |= {name: moving(name, other, each.health) for name, other in others.items()}
    effective = {
        **each.settings.effective(),
        "mongodb_database": each.settings.mongodb_database or SERVICES[each.name].database,
        "internal_host": each.settings.internal_host or each.settings.host,
        "roles": sorted(pick(each.settings, roles)),
        "districts": each.districts.effective(),
    }
    internal = build_internal(each.health, each.metrics, effective)
    return Service(
        name=each.name,
        api=made,
        roles=roles,
        health=each.health,
        tracer=each.tracer,
        internal=serve_internal(internal, each.settings),
        relay=relay,
        projectors=tuple(projectors.values()),
        backing=each.backing,
        duties=duties,
        others=others,
        looks=each.looks,
        last={"looks": each.looks.book.run} if made else {},
    )
