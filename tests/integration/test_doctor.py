"""The doctor looks at a service on real engines: all well, and broken in the ways that he names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.access.book import COLLECTION as LOOK_EVENTS
from services.assembly.registry import TOPICS
from services.assembly.service import Service
from services.chassis.backing import kafka_mongo
from services.chassis.log.topics import ensure_topics, topic_configs
from services.chassis.mongo import connect
from services.chassis.settings import load
from services.chassis.write.mongo_loose import MongoLooseEvents
from services.ctl.__main__ import run
from services.ctl.engines import Engines
from services.ctl.exits import Exit
from services.ctl.local.districts import write_districts
from services.ctl.local.ensure import ensure_indexes
from services.insights import bootstrap
from services.insights.settings import Settings
from tests.support.loose_suite import loose
from tests.support.waiting import eventually

TOPIC = "coaching.goals.v1"


class Site:
    """Insights in this process, its database, and what the doctor is told of them."""

    def __init__(self, engines: Engines, folder: Path, database: str) -> None:
        self.engines, self.database, self.folder = engines, database, folder
        self.districts = str(write_districts(folder, {"north": {}}))
        self.settings = load(
            Settings,
            environment="test",
            host="127.0.0.1",
            rest_port=0,
            leave_seconds=0,
            consumer_session_seconds=6,
            kafka_bootstrap_servers=engines.kafka_bootstrap_servers,
            mongodb_uri=engines.mongodb_uri,
            mongodb_database=database,
            districts_file=self.districts,
        )

    async def prepare(self) -> None:
        await ensure_topics(self.engines.kafka_bootstrap_servers, TOPICS)
        await ensure_indexes(self.engines.mongodb_uri, {"insights": self.database})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """Its projectors alone."""
        backing = kafka_mongo("insights", self.settings, self.database, bootstrap.INDEXES)
        built = bootstrap.build(self.settings, backing)
        stop = asyncio.Event()
        roles = [role for name, role in built.roles.items() if name.startswith("projector")]
        tasks = [asyncio.ensure_future(role(stop)) for role in roles]
        try:
            yield built
        finally:
            stop.set()
            await asyncio.wait(tasks)
            assert backing.database is not None
            backing.database.client.close()


@pytest.fixture
async def site(engines: Engines, tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(engines, tmp_path, f"doctor_{uuid4().hex[:8]}")
    await made.prepare()
    yield made
    client = connect(engines.mongodb_uri, "test")
    await client.drop_database(made.database)
    client.close()


@pytest.fixture
def asked(site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "MONGODB_URI": site.engines.mongodb_uri,
        "KAFKA_BOOTSTRAP_SERVERS": site.engines.kafka_bootstrap_servers,
        "DISTRICTS_FILE": site.districts,
    }.items():
        monkeypatch.setenv(name, value)
    given = ["doctor", "--service", "insights", "--mongodb-database", site.database, "--json"]

    async def ask(*more: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
        capsys.readouterr()
        code = await asyncio.to_thread(run, [*given, *more])
        found: dict[str, list[dict[str, Any]]] = {}
        for each in json.loads(capsys.readouterr().out)["findings"]:
            found.setdefault(each["check"], []).append(each)
        return code, found

    return ask


def wrong(found: dict[str, Sequence[dict[str, Any]]]) -> list[tuple[str, str]]:
    """But for the disk, which is this machine's."""
    return [
        (each["check"], each["about"])
        for listed in found.values()
        for each in listed
        if each["state"] == "wrong" and each["check"] != "disk"
    ]


async def configure(kafka: str, **settings: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        named = {name.replace("_", "."): value for name, value in settings.items()}
        resource = ConfigResource(ConfigResourceType.TOPIC, TOPIC, configs=named)
        await admin.alter_configs([resource])
    finally:
        await admin.close()


async def test_all_is_well_and_then_it_is_not(site: Site, asked: Any) -> None:
    async with site.running():

        async def well() -> bool:
            return not wrong((await asked())[1])

        await eventually(well, timeout=60)
        code, found = await asked()
        assert code == (Exit.PROBLEMS if found["disk"][0]["state"] == "wrong" else Exit.OK)
        assert {each["about"] for each in found["views"]} == {
            "insights-access",
            "insights",
            "timeline",
        }
        assert [each["state"] for each in found["issuers"]] == ["right"] * len(found["issuers"])
        assert found["mongodb"][0]["facts"]["set"]
        assert found["disk"][0]["facts"]["size"] > 0

    client = connect(site.engines.mongodb_uri, "test")
    await client[site.database]["cards"].drop_indexes()
    client.close()
    code, found = await asked()
    assert code == Exit.PROBLEMS
    assert ("indexes", "insights") in wrong(found)
    (index,) = found["indexes"][0]["facts"]["missing"]
    assert index.startswith("cards.district_1")
    await ensure_indexes(site.engines.mongodb_uri, {"insights": site.database})
    assert ("indexes", "insights") not in wrong((await asked())[1])


async def test_a_topic_with_another_retention(
    engines: Engines, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the service that publishes to it."""
    kafka = engines.kafka_bootstrap_servers
    await ensure_topics(kafka, TOPICS)
    monkeypatch.setenv("MONGODB_URI", engines.mongodb_uri)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    ask = ["doctor", "--service", "goals"]
    try:
        await configure(kafka, retention_ms="3600000")
        assert await asyncio.to_thread(run, ask) == Exit.PROBLEMS
        said = capsys.readouterr().out
        assert f"wrong  topics        {TOPIC}: retention.ms=3600000, not 3024000000. Do:" in said
    finally:
        right = topic_configs(1)
        await configure(kafka, **{name.replace(".", "_"): right[name] for name in right})
    await asyncio.to_thread(run, ask)
    assert "right  topics        5 topics with 12 partitions" in capsys.readouterr().out


async def test_an_engine_that_is_away_hides_nothing_else(
    site: Site, asked: Any, unused_tcp_port: int
) -> None:
    code, found = await asked("--kafka-bootstrap-servers", f"127.0.0.1:{unused_tcp_port}")
    assert code == Exit.PROBLEMS
    assert wrong(found) == [("kafka", "")]
    assert str(unused_tcp_port) in found["kafka"][0]["told"]
    assert found["kafka"][0]["do"]
    assert {each["state"] for each in found["topics"] + found["views"]} == {"unseen"}
    assert found["indexes"][0]["state"] == "right"
    code, found = await asked("--mongodb-uri", f"mongodb://127.0.0.1:{unused_tcp_port}")
    assert wrong(found) == [("mongodb", "insights")]
    assert found["topics"][0]["state"] == "right"


async def test_an_issuer_without_keys(site: Site, asked: Any) -> None:
    (site.folder / "keys/jwks.json").write_text('{"keys": []}')
    code, found = await asked()
    assert code == Exit.PROBLEMS
    issuers = [each for each in found["issuers"] if each["state"] == "wrong"]
    assert issuers
    assert issuers[0]["told"].startswith("its jwks_file gives no keys")


async def test_looks_that_nobody_tells_on(site: Site, asked: Any) -> None:
    client = connect(site.engines.mongodb_uri, "test")
    events = MongoLooseEvents(client[site.database], LOOK_EVENTS)
    old = replace(loose("a").event, occurred_at=datetime.now(UTC) - timedelta(minutes=5))
    await events.insert([replace(loose("a"), event=old)])
    found = (await asked())[1]
    assert ("outbox", "insights, looks") in wrong(found)
    assert found["outbox"][0]["told"].startswith("1 wait for Kafka")
    await events.clear({"a": [1]})
    client.close()
    assert "outbox" not in (await asked())[1]
