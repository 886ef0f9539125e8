"""What a service stands on: its own database and the log, real or in memory.

`bootstrap.build` of every service takes a `Backing`; processes give it `kafka_mongo`, tests
`memory`. Both are made inside the loop that uses them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.mongo_todos import MongoTodos
from services.chassis.duties.todos import Todos
from services.chassis.log.connections import Proof
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.following import Followed
from services.chassis.log.kafka_following import KafkaFollowed
from services.chassis.log.memory_following import MemoryFollowed
from services.chassis.log.memory_log import MemoryLog, MemoryProducer
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.producer import EventProducer, KafkaProducer
from services.chassis.log.source import Source
from services.chassis.mongo import (
    NO_ADDRESS,
    Collection,
    Database,
    PyMongoError,
    connect,
    database,
    ping,
)
from services.chassis.runner import ProcessRole
from services.chassis.settings import BadSettings, ChassisSettings
from services.chassis.views.generations import CurrentViews
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Row
from services.chassis.views.reading import reading_rows
from services.chassis.views.rows import Views
from services.chassis.views.watch import Board, RowWatch
from services.chassis.write.bell import ChangeBell, LocalBell
from services.chassis.write.documents import Documents, Journal, Outbox
from services.chassis.write.find_indexes import FindIndex
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_journal import MongoJournal

R = TypeVar("R")
T = TypeVar("T")
KEPT_SECONDS = 10.0


class Store(Documents, Outbox, Protocol):
    """Aggregates and the events that they have not published yet."""


class RowReader(Protocol):
    async def rows(self, view: str, collection: str, ids: Sequence[str]) -> Mapping[str, Row]:
        """Those rows of a view's current build that there are, by id. 1 database command when
        warm. Raises Fault UNAVAILABLE."""

    async def of_district(
        self, view: str, collection: str, district: str, most: int
    ) -> Sequence[Row]:
        """A district's rows, by id; where there are more than `most`, the first of them. 1 database
        command when warm. Raises Fault UNAVAILABLE."""


@runtime_checkable
class Indexed(Protocol):
    async def ensure_indexes(self) -> None:
        """Make those that are missing; repeating it changes nothing. Raises StoreDown or Fault."""


@dataclass(frozen=True, kw_only=True)
class Backing(ABC):
    """`watch` makes a notice board over a view's collection (view, collection), and what was read
    of one is believed for `kept_seconds` after what its board last told; 0 where reading costs
    nothing. `roles` run beside a service's own."""

    store: Store
    journal: Journal
    views: Views
    rows: RowReader
    source: Callable[[str, Sequence[str]], Source]
    followed: Callable[[str], Followed]
    producer: Callable[[], EventProducer]
    bell: LocalBell
    ping: Callable[[], Awaitable[object]]
    watch: Callable[[str, str], Board]
    kept_seconds: float
    roles: Mapping[str, ProcessRole] = field(default_factory=dict)
    indexed: list[Indexed] = field(default_factory=list)

    def own(self, real: Callable[[Database], R], twin: Callable[[MemoryViews], T]) -> R | T:
        """A store of the service's own: `real` on its database or, in memory, its `twin`. Its
        indexes are ensured with the others."""
        made = self._own(real, twin)
        if isinstance(made, Indexed):
            self.indexed.append(made)
        return made

    def todos(self, view: str) -> Todos:
        """Those of a view (`duties.duty`)."""
        return self.own(
            lambda database: MongoTodos(database, view), lambda views: MemoryTodos(views, view)
        )

    async def ensure_indexes(self) -> None:
        """Those of the house, then those of the service's own stores."""
        for each in self.indexed:
            await each.ensure_indexes()

    @abstractmethod
    def _own(self, real: Callable[[Database], R], twin: Callable[[MemoryViews], T]) -> R | T: ...


@dataclass(frozen=True, kw_only=True)
class MongoBacking(Backing):
    database: Database

    def _own(self, real: Callable[[Database], R], twin: Callable[[MemoryViews], T]) -> R | T:
        return real(self.database)


@dataclass(frozen=True, kw_only=True)
class MemoryBacking(Backing):
    views: MemoryViews

    def _own(self, real: Callable[[Database], R], twin: Callable[[MemoryViews], T]) -> R | T:
        return twin(self.views)


class MongoRows:
    def __init__(self, own: Database) -> None:
        self._own = own
        self._current: dict[str, CurrentViews] = {}

    async def rows(self, view: str, collection: str, ids: Sequence[str]) -> Mapping[str, Row]:
        with reading_rows():
            rows = await self.collection(view, collection)
            found = rows.find({"_id": {"$in": list(ids)}}, batch_size=len(ids) + 1)
            return {row["_id"]: row for row in await found.to_list(None)}

    async def of_district(
        self, view: str, collection: str, district: str, most: int
    ) -> Sequence[Row]:
        with reading_rows():
            rows = await self.collection(view, collection)
            ids = {"$gte": f"{district}:", "$lt": f"{district};"}  # ; comes right after :
            found = rows.find({"_id": ids}, batch_size=most + 1)
            return await found.sort("_id", 1).limit(most).to_list(None)

    async def collection(self, view: str, collection: str) -> Collection:
        """Where these rows are now. Whoever watches them asks here too: then nobody reads an older
        build than the one that is watched. Raises StoreDown."""
        current = self._current.get(view)
        if current is None:
            current = self._current[view] = CurrentViews(self._own, view)
        return await current.collection(collection)


class MemoryRows:
    def __init__(self, views: MemoryViews) -> None:
        self._views = views

    async def rows(self, view: str, collection: str, ids: Sequence[str]) -> Mapping[str, Row]:
        generation = await self._views.generation(view)
        found = await self._views.load(generation, {collection: ids})
        return {row_id: row for (_, row_id), row in found.items()}

    async def of_district(
        self, view: str, collection: str, district: str, most: int
    ) -> Sequence[Row]:
        generation = await self._views.generation(view)
        found = [row async for row in self._views.scan(generation, collection)]
        own = [row for row in found if row["_id"].startswith(f"{district}:")]
        return sorted(own, key=lambda row: row["_id"])[:most]


def kafka_mongo(
    service: str,
    settings: ChassisSettings,
    own_database: str,
    indexes: Sequence[FindIndex] = (),
) -> MongoBacking:
    """The real engines that the settings name; connects when first used. `own_database`: unless
    the settings name another. Raises BadSettings where the driver takes MONGODB_URI for no
    address; its own text might show the password."""
    uri, files = settings.mongodb_uri.get_secret_value(), settings.mongodb_files
    try:
        client = connect(uri, f"tandem-{service}", files=files)
    except (PyMongoError, ValueError) as error:
        raise BadSettings(f"MONGODB_URI: {NO_ADDRESS} ({type(error).__name__})") from None
    proof = Proof(settings.kafka_security())
    own = database(client, settings.mongodb_database or own_database)
    store, journal, views = MongoDocuments(own, indexes), MongoJournal(own), MongoViews(own)
    bell, rows = ChangeBell(own), MongoRows(own)

    def source(group: str, topics: Sequence[str]) -> Source:
        return KafkaSource(
            ConsumerSettings(
                bootstrap=settings.kafka_bootstrap_servers,
                group=group,
                topics=tuple(topics),
                client_id=f"tandem-{service}",
                session_s=settings.consumer_session_seconds,
                proof=proof,
            )
        )

    def watch(view: str, collection: str) -> RowWatch:
        return RowWatch(lambda: rows.collection(view, collection))

    async def ready() -> None:
        proof.check()
        await ping(own)

    # A relay that runs beside the API is rung by it; one in a process of its own listens.
    return MongoBacking(
        store=store,
        journal=journal,
        views=views,
        rows=rows,
        source=source,
        followed=lambda topic: KafkaFollowed(settings.kafka_bootstrap_servers, topic, proof),
        producer=lambda: KafkaProducer(settings.kafka_bootstrap_servers, proof),
        bell=bell,
        ping=ready,
        watch=watch,
        kept_seconds=KEPT_SECONDS,
        database=own,
        indexed=[store, journal, views],
        roles={} if settings.runs("api") else {"relay.bell": bell.run},
    )


def memory(log: MemoryLog) -> MemoryBacking:
    """Everything in memory, for component tests: `log` is shared by the services of a test."""
    store, journal, views, bell = MemoryDocuments(), MemoryJournal(), MemoryViews(), LocalBell()
    groups: dict[str, MemoryGroup] = {}

    def source(group: str, topics: Sequence[str]) -> Source:
        joined = groups.setdefault(group, MemoryGroup(log, topics))
        return MemorySource(joined)

    async def nothing() -> None:
        return None

    return MemoryBacking(
        store=store,
        journal=journal,
        views=views,
        rows=MemoryRows(views),
        source=source,
        followed=lambda topic: MemoryFollowed(log, topic),
        producer=lambda: MemoryProducer(log),
        bell=bell,
        ping=nothing,
        watch=lambda view, collection: Board(),
        kept_seconds=0.0,
    )
