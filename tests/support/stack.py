"""The services as processes on the test's own engines."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from services.assembly.registry import SERVICES, TOPICS, WRITE_SERVICES
from services.chassis.backing import MongoBacking, kafka_mongo
from services.chassis.kernel import SystemClock
from services.chassis.log.topics import ensure_topics
from services.chassis.settings import ChassisSettings, load
from services.chassis.views.decode import decode
from services.chassis.views.erased import ErasedDistricts
from services.chassis.write.mongo_journal import COLLECTION as JOURNAL
from services.ctl.engines import Engines
from services.ctl.engines.child import Begin, Child, Folder, begin
from services.ctl.local import keys
from services.ctl.local.districts import write_districts
from services.ctl.local.stack import PortNumbers, Stack
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from tests.support.asking import Asks, plain_client
from tests.support.kafka import whole_log
from tests.support.oracles import Rows, fold_state, live_rows, replay_items
from tests.support.platform import BOOTSTRAPS
from tests.support.policies import keys as keys_of
from tests.support.truth import Backings, held
from tests.support.waiting import eventually

DISTRICTS = ("north", "south")
GIVEN_UP = 60.0  # seconds after which a client gives a request up


def _signers() -> dict[str, Any]:
    """Of a district's data-use policy, as `policies.private` has their other halves."""
    return {"privacy_keys": keys_of("district", "union").model_dump(mode="json")}


class RunningStack(Asks):
    """`databases` is the prefix of the services' databases; `told` are settings that a test
    adds to a service's environment; `begin` begins a process. `more` districts than DISTRICTS are
    known, of which nobody has a roster."""

    def __init__(
        self,
        engines: Engines,
        folder: Path,
        databases: str,
        begin: Begin = begin,
        more: Sequence[str] = (),
    ) -> None:
        self._begin = begin
        self.stack = Stack(
            kafka=engines.kafka_bootstrap_servers,
            mongodb=engines.mongodb_uri,
            ports={name: PortNumbers.free() for name in SERVICES},
        )
        self.folder = folder
        self.databases = databases
        self.all_districts = (*DISTRICTS, *more)
        self._districts = write_districts(folder, {name: _signers() for name in self.all_districts})
        self._tokens: dict[str, str] = {}
        self._children: dict[str, Child] = {}
        self._gone: list[Path] = []
        self._backings: dict[str, MongoBacking] = {}
        self._internal: dict[str, int] = {}

    def environment(self, service: str, told: dict[str, str]) -> dict[str, str]:
        ports = self.stack.ports[service]
        return {
            "ENVIRONMENT": "test",
            "BACKDATING": "true",
            "HOST": "127.0.0.1",
            "REST_PORT": str(ports.rest),
            "GRPC_PORT": str(ports.grpc),
            "INTERNAL_PORT": str(ports.internal),
            "LEAVE_SECONDS": "0",
            "KAFKA_BOOTSTRAP_SERVERS": self.stack.kafka,
            "MONGODB_URI": self.stack.mongodb,
            "MONGODB_DATABASE": f"{self.databases}_{service}",
            "CONSUMER_SESSION_SECONDS": "6",
            "DISTRICTS_FILE": str(self._districts),
            **told,
        }

    def start(
        self, service: str, name: str = "", *, program: Sequence[str] = (), **told: str
    ) -> None:
        """Start a process of a service; `told` may name ROLES, a crash point and the like.
        A process beside the first has a `name` of its own and ports of its own. `program`: a
        module to run instead, with its arguments."""
        if name:
            others = PortNumbers.free()
            ports = {"REST_PORT": others.rest, "GRPC_PORT": others.grpc}
            told = {**{k: str(v) for k, v in ports.items()}, **told}
            self._internal[name] = others.internal
            told["INTERNAL_PORT"] = str(others.internal)
        name = name or service
        self._children[name] = Child(
            Folder(self.folder / name),
            name,
            [sys.executable, "-m", *(program or (f"services.{service}",))],
            self.environment(service, told),
            self._begin,
        )

    async def ready(self, name: str) -> None:
        """Wait until a process says that it is ready."""

        async def answers() -> bool:
            child = self._children[name]
            assert child.returncode is None, (name, child.output())
            try:
                async with plain_client(timeout=20) as client:
                    return (await client.get(f"{self.internal(name)}/readyz")).is_success
            except httpx2.HTTPError:
                return False

        await eventually(answers, timeout=60)

    async def kill(self, name: str) -> None:
        """kill -9, now."""
        child = self._children.pop(name)
        child.kill()
        await self._stopped(child)

    @property
    def running(self) -> tuple[str, ...]:
        """The processes that were started and neither killed nor ended by us."""
        return tuple(self._children)

    def internal(self, name: str) -> str:
        """The address of a process's internal port."""
        port = self._internal.get(name) or self.stack.ports[name].internal
        return f"http://127.0.0.1:{port}"

    async def end(self, name: str) -> int:
        """SIGTERM, and the exit code."""
        child = self._children.pop(name)
        await self._stopped(child)
        assert child.returncode is not None
        return child.returncode

    async def _stopped(self, child: Child) -> None:
        """Its log is put aside, since the next of its name begins that anew."""
        await child.stop()
        self._gone.append(child.log.rename(child.log.with_suffix(f".gone-{len(self._gone)}.log")))

    @property
    def outputs(self) -> list[Path]:
        """The logs of all processes, also of those that are gone."""
        return [*self._gone, *(child.log for child in self._children.values())]

    def forget_gone(self) -> None:
        """Delete the logs of the processes that are gone."""
        for log in self._gone:
            log.unlink()
        self._gone.clear()

    async def stop(self) -> None:
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        for backing in self._backings.values():
            backing.database.client.close()

    def client(self, service: str, caller: str) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token(caller)}"} if caller else {}
        return plain_client(base_url=self.stack.rest(service), headers=headers, timeout=GIVEN_UP)

    def token(self, caller: str) -> str:
        """A signed token for `district/person`, or for a partner `district/name?scope+scope`."""
        if caller not in self._tokens:
            district, _, who = caller.partition("/")
            name, _, scopes = who.partition("?")
            granted = tuple(scopes.split("+")) if scopes else ()
            self._tokens[caller] = keys.sign(self.folder / "keys", district, name, granted)
        return self._tokens[caller]

    async def assert_cards_are_true(self) -> None:
        """Wait until the live cards and timelines equal, byte for byte, a replay of the log from
        offset 0, without districts that were erased, and a fold of what the services' own journals
        hold; outboxes are empty by then."""
        projections = (insights_projection(), timeline_projection())
        views = self._backing("insights").views
        difference: list[str] = []
        oracles: list[tuple[Rows, Rows]] = []
        written: list[int] = []  # of which the oracles are: to make them takes long

        async def same() -> bool:
            difference[:] = [each for each in WRITE_SERVICES if await self._waits(each)]
            if difference:
                return False
            if (now := await self._written()) != written:
                written[:] = now
                log = await whole_log(self.stack.kafka, list(TOPICS))
                journals = [each async for each in held(self.backings)]
                erased = ErasedDistricts(views.erased_districts, SystemClock())
                counted = [
                    await erased.without([decode(p, each) for each in log]) for p in projections
                ]
                oracles[:] = [
                    (replay_items(p, items), fold_state(p, journals))
                    for p, items in zip(projections, counted, strict=True)
                ]
            for projection, (replayed, folded) in zip(projections, oracles, strict=True):
                generation = await views.generation(projection.group)
                for collection in replayed:
                    live = await live_rows(views.scan(generation, collection))
                    for name, oracle in (("log", replayed), ("journals", folded)):
                        wrong = {
                            row
                            for row in live.keys() | oracle.get(collection, {}).keys()
                            if live.get(row) != oracle.get(collection, {}).get(row)
                        }
                        places = (f"{name}: {collection}/{row}" for row in sorted(wrong)[:3])
                        difference.extend(places)
            return not difference

        try:
            await eventually(same, timeout=30)
        except AssertionError as error:
            raise AssertionError(f"cards differ from their oracles: {difference}") from error

    async def _waits(self, service: str) -> bool:
        """Whether an event of a service is not published yet."""
        return bool(await self._backing(service).store.pending(1))

    async def _written(self) -> list[int]:
        """By service, how many events there have been, or what changes with them."""
        journals = [self._backing(each).database[JOURNAL] for each in WRITE_SERVICES]
        return [await each.estimated_document_count() for each in journals]

    def _backing(self, service: str) -> MongoBacking:
        """A service's own stores, looked at from outside."""
        if service not in self._backings:
            settings = load(
                ChassisSettings,
                environment="test",
                kafka_bootstrap_servers=self.stack.kafka,
                mongodb_uri=self.stack.mongodb,
            )
            own = f"{self.databases}_{service}"
            self._backings[service] = kafka_mongo(service, settings, own)
        return self._backings[service]

    @property
    def backings(self) -> Backings:
        return {each: self._backing(each) for each in SERVICES}

    async def ensure_indexes(self) -> None:
        """As `tandem indexes ensure` does."""
        for service, bootstrap in BOOTSTRAPS.items():
            settings = load(bootstrap.Settings, environment="test")
            built = bootstrap.build(settings, self._backing(service))
            await built.backing.ensure_indexes()


@asynccontextmanager
async def running_stack(
    engines: Engines,
    folder: Path,
    databases: str,
    begin: Begin = begin,
    more: Sequence[str] = (),
) -> AsyncIterator[RunningStack]:
    """All services ready; stopped at the end."""
    await ensure_topics(engines.kafka_bootstrap_servers, TOPICS)
    stack = RunningStack(engines, folder, databases, begin, more)
    await stack.ensure_indexes()
    try:
        for service in SERVICES:
            stack.start(service)
        for service in SERVICES:
            await stack.ready(service)
        yield stack
    finally:
        await stack.stop()
