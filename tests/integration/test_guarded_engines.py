"""Engines that ask for proof: who shows it is served, also after it was renewed; who does not is
told why, in bounded time."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from services.assembly.registry import LOOKS_GROUP, SERVICES, TOPICS, VIEWS, WRITE_SERVICES
from services.chassis.engine_settings import EngineSettings
from services.chassis.log.admin import KafkaUnavailable, kafka_admin
from services.chassis.log.connections import KafkaRefuses, Proof
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.noted import end_offsets
from services.chassis.log.producer import KafkaProducer, ProducerError
from services.chassis.log.topics import PARTITIONS, ensure_topics
from services.chassis.mongo import MongoUnavailable, PyMongoError, connect, database, ping
from services.chassis.settings import load
from services.chassis.views.projection import Projection
from services.ctl.__main__ import run
from services.ctl.engines.child import Child, Folder
from services.ctl.erased import ErasureCheck
from services.ctl.erasure_orders import OrderedErasure
from tests.support.asking import plain_client
from tests.support.coaching import Coaching
from tests.support.guarded import DATABASES, OPERATOR, GuardedEngines
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

BARE = {"KAFKA_SASL_MECHANISM": "", "KAFKA_SASL_USERNAME": "", "KAFKA_SASL_PASSWORD": ""}


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GuardedEngines]:
    made = GuardedEngines(tmp_path_factory.mktemp("guarded"))
    try:
        await made.start()
        await ensure_topics(made.own, TOPICS)
        yield made
    finally:
        await made.stop()


def told(settings: dict[str, str]) -> EngineSettings:
    return load(EngineSettings, environment="test", **{k.lower(): v for k, v in settings.items()})


def by_token_file(guarded: GuardedEngines) -> dict[str, str]:
    path = guarded.folder / "token"
    path.write_text(guarded.token("goals"))
    settings = {**guarded.settings("goals", "OAUTHBEARER"), "KAFKA_SASL_PASSWORD": ""}
    return {**settings, "KAFKA_SASL_TOKEN_FILE": str(path)}


def by_certificate(guarded: GuardedEngines) -> dict[str, str]:
    servers = guarded.kafka_by_certificate
    protocol = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_BOOTSTRAP_SERVERS": servers}
    return {**guarded.settings("goals"), **BARE, **protocol, **guarded.files("KAFKA")}


WAYS = {
    "SCRAM-SHA-256": lambda guarded: guarded.settings("goals", "SCRAM-SHA-256"),
    "SCRAM-SHA-512": lambda guarded: guarded.settings("goals", "SCRAM-SHA-512"),
    "PLAIN": lambda guarded: guarded.settings("goals", "PLAIN"),
    "OAUTHBEARER": by_token_file,
    "certificate": by_certificate,
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_record_is_written_and_read_by_who_shows_proof(
    guarded: GuardedEngines, way: str
) -> None:
    settings = told(WAYS[way](guarded))
    servers, proof = settings.kafka_bootstrap_servers, Proof(settings.kafka_security())
    value = uuid4().bytes
    producer = KafkaProducer(servers, proof)
    await producer.start()
    try:
        await producer.send("coaching.goals.v1", b"north:t1", value, [])
    finally:
        await producer.abandon()
    group = f"goals-access.{uuid4().hex}"
    source = KafkaSource(ConsumerSettings(servers, group, ("coaching.goals.v1",), proof=proof))
    await source.start()
    seen: list[bytes | None] = []

    async def found() -> bool:
        if source.changed:
            numbers = source.take_assignment()
            await source.seek({number: {} for number in numbers})
        seen.extend(each.value for each in await source.fetch(100, 0, 0.1))
        return value in seen

    try:
        await eventually(found, timeout=20)
    finally:
        await source.stop()
    proof.check()


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a wrong password": ({"KAFKA_SASL_PASSWORD": "guess"}, "SaslAuthenticationFailed: Auth"),
    "another authority": ({"KAFKA_CA_FILE": ""}, "CERTIFICATE_VERIFY_FAILED"),
    "another mechanism": (
        {**BARE, "KAFKA_SASL_MECHANISM": "OAUTHBEARER", "KAFKA_SASL_TOKEN_FILE": "junk"},
        "SaslAuthenticationFailed: .*invalid_token",
    ),
}


@pytest.mark.parametrize("wrong", REFUSED)
async def test_a_wrong_proof_is_named_and_the_process_is_not_ready(
    guarded: GuardedEngines, wrong: str, tmp_path: Path
) -> None:
    changes, says = REFUSED[wrong]
    (tmp_path / "junk").write_text("not.a.token")
    files = {k: str(tmp_path / v) for k, v in changes.items() if k == "KAFKA_SASL_TOKEN_FILE"}
    settings = told({**guarded.settings("goals"), **changes, **files})
    servers, proof = settings.kafka_bootstrap_servers, Proof(settings.kafka_security())
    async with asyncio.timeout(HANGS):
        with pytest.raises(KafkaUnavailable, match=says):
            async with kafka_admin(servers, proof):
                pass
        with pytest.raises(ProducerError, match=says):
            await KafkaProducer(servers, proof).start()
    with pytest.raises(KafkaRefuses, match=says):
        proof.check()


async def test_who_speaks_plain_text_or_shows_no_certificate_is_refused(
    guarded: GuardedEngines,
) -> None:
    async with asyncio.timeout(HANGS):
        with pytest.raises(KafkaUnavailable, match=r"speaks PLAINTEXT: does the listener\?"):
            async with kafka_admin(guarded.kafka):
                pass
        settings = {**by_certificate(guarded), "KAFKA_CERT_FILE": "", "KAFKA_KEY_FILE": ""}
        proof = Proof(told(settings).kafka_security())
        with pytest.raises(KafkaUnavailable, match="CERTIFICATE_REQUIRED"):
            async with kafka_admin(guarded.kafka_by_certificate, proof):
                pass


async def test_a_user_without_the_right_may_not_write(guarded: GuardedEngines) -> None:
    proof = Proof(told(guarded.settings("goals")).kafka_security())
    producer = KafkaProducer(guarded.kafka, proof)
    await producer.start()
    try:
        with pytest.raises(ProducerError, match="Authorization"):
            await producer.send("coaching.roster.v1", b"north:t1", b"forged", [])
    finally:
        await producer.abandon()


WITHOUT_CERTIFICATE = {"MONGODB_CERT_FILE": "", "MONGODB_KEY_FILE": ""}


@pytest.mark.parametrize(
    ("uri", "changes", "says"),
    [
        ({}, {}, ""),
        ({"password": "guess"}, {}, "Authentication failed"),
        ({"tls": "false"}, {**WITHOUT_CERTIFICATE, "MONGODB_CA_FILE": ""}, "connection closed"),
        ({}, WITHOUT_CERTIFICATE, "connection closed"),
        ({}, {"MONGODB_CA_FILE": ""}, "CERTIFICATE_VERIFY_FAILED"),
    ],
)
async def test_mongodb_lets_in_who_shows_proof_and_names_what_is_wrong(
    guarded: GuardedEngines, uri: dict[str, str], changes: dict[str, str], says: str
) -> None:
    address = guarded.mongodb("goals", **uri)
    settings = told({**guarded.settings("goals"), "MONGODB_URI": address, **changes})
    client = connect(settings.mongodb_uri.get_secret_value(), "test", (), settings.mongodb_files)
    own = database(client, f"{DATABASES}_goals")

    async def as_it_should() -> bool:
        try:
            await ping(own)
        except MongoUnavailable as error:  # or of a busy machine's not answering within a second
            return bool(says and re.search(says, str(error)))
        assert not says, "let in"
        return True

    try:
        await eventually(as_it_should, timeout=20)
    finally:
        client.close()


@pytest.fixture
async def stack(guarded: GuardedEngines, tmp_path: Path) -> AsyncIterator[RunningStack]:
    made = RunningStack(guarded.engines, tmp_path, DATABASES)
    yield made
    await made.stop()


async def tandem(folder: Path, settings: dict[str, str], *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "services.ctl", *arguments]
    child = Child(Folder(folder / uuid4().hex), "tandem", command, settings)
    try:
        async with asyncio.timeout(HANGS):
            return await child.wait(), "\n".join(child.output())
    finally:
        await child.stop()


MECHANISMS = {"goals": "PLAIN"}  # whose password changes with the certificates


def about_her(service: str) -> str:
    if service in WRITE_SERVICES:
        return f"/{service}/v1/personal-records?person_id=teacher-0006"
    return f"/{service}/v1/timeline?teacher_id=teacher-0006"


async def everybody_tells_who_looked(stack: RunningStack, district: str) -> None:
    """An administrator asks each service about a teacher, and whatever she is answered is in the
    teacher's list: so each user may write there, and privacy's may read it."""

    async def told() -> bool:
        for service in SERVICES:
            async with stack.client(service, f"{district}/admin-01") as client:
                await client.get(about_her(service))
        body = (await stack.ask(f"{district}/teacher-0006", "GET", "/privacy/v1/looks")).json()
        found = {each["service"] for each in body["looks"] if each["viewer_id"] == "admin-01"}
        return found == SERVICES.keys()

    await eventually(told, timeout=30)


async def tells(stack: RunningStack, service: str, series: str) -> float:
    """The value of a series of its metrics."""
    async with plain_client(base_url=stack.internal(service), timeout=HANGS) as client:
        text = (await client.get("/metrics")).text
    (found,) = [each for each in text.splitlines() if each.startswith(f"{series} ")]
    return float(found.rpartition(" ")[2])


async def test_services_and_their_operator_work_and_go_on_with_renewed_certificates(
    guarded: GuardedEngines, stack: RunningStack, tmp_path: Path
) -> None:
    operator = {**guarded.settings(OPERATOR), "MONGODB_URI": guarded.mongodb("goals")}
    code, said = await tandem(tmp_path, operator, "topics", "ensure", "--json")
    assert (code, json.loads(said)["dry_run"]) == (0, False)
    for service in ("roster", "goals"):
        own = {**guarded.settings(service), "MONGODB_DATABASE": f"{DATABASES}_{service}"}
        code, said = await tandem(tmp_path, own, "indexes", "ensure", "--service", service)
        assert code == 0, said
    for service in SERVICES:
        stack.start(service, **guarded.settings(service, MECHANISMS.get(service, "SCRAM-SHA-512")))
    for service in SERVICES:
        await stack.ready(service)
    for district in ("north", "south"):
        coaching = Coaching(stack, district)
        await coaching.import_roster()
        await coaching.known("teacher-0001")
        await coaching.may("teacher-0006", "/privacy/v1/looks")
        await everybody_tells_who_looked(stack, district)
        if district == "north":
            await guarded.renew()
    own = {**guarded.settings("goals"), "MONGODB_DATABASE": f"{DATABASES}_goals"}
    code, said = await tandem(tmp_path, own, "outbox", "status", "--service", "goals", "--json")
    assert (code, json.loads(said)[0]["waiting"]) == (0, 0)
    held = f'tandem_consumer_assigned_partitions{{group="{LOOKS_GROUP}"}}'
    assert await tells(stack, "privacy", held) == PARTITIONS
    for service in SERVICES:
        assert await tells(stack, service, "tandem_looks_oldest_age_seconds") < 60
        ends = 'tandem_certificate_end_seconds{setting="MONGODB_CERT_FILE"}'
        assert time.time() < await tells(stack, service, ends) < time.time() + 86_400
    assert {await stack.end(service) for service in SERVICES} == {0}


async def test_whether_something_is_left_is_seen_by_who_may_read_all_and_change_nothing(
    guarded: GuardedEngines,
) -> None:
    told_ = told(guarded.settings("privacy"))
    client = connect(guarded.reader, "test", files=told_.mongodb_files)
    databases = {each: database(client, f"{DATABASES}_{each}") for each in SERVICES}

    async def reach(projection: Projection, *_: object) -> None:
        await end_offsets(guarded.kafka, projection.topics, Proof(told_.kafka_security()))

    order = OrderedErasure("teacher-0031", "north", "done", datetime.now(UTC), ["event"])
    report = await ErasureCheck(databases, order, reach).run()
    assert (report["left"], report["looked"]["builds"] >= len(VIEWS)) == (0, True)
    with pytest.raises(PyMongoError, match="not authorized"):
        await databases["goals"]["aggregates"].insert_one({"_id": "one"})
    client.close()


async def test_who_makes_topics_may_make_one_that_a_later_release_brings(
    guarded: GuardedEngines,
) -> None:
    settings = told(guarded.settings(OPERATOR))
    servers, proof = settings.kafka_bootstrap_servers, Proof(settings.kafka_security())
    later = f"coaching.later-{uuid4().hex}.v1"
    assert await ensure_topics(servers, [later], proof=proof) == [later]
    with pytest.raises(KafkaUnavailable, match="TopicAuthorizationFailed"):
        await ensure_topics(servers, [f"other.{uuid4().hex}"], proof=proof)


async def test_an_operator_with_a_wrong_password_is_told_so(
    guarded: GuardedEngines, tmp_path: Path
) -> None:
    wrong = {**guarded.settings(OPERATOR), "KAFKA_SASL_PASSWORD": "guess"}
    code, said = await tandem(tmp_path, wrong, "topics", "ensure")
    assert code == 3
    assert len(said.splitlines()) == 1
    assert "SaslAuthenticationFailed" in said


def lines(stack: RunningStack) -> list[dict[str, Any]]:
    """What its only process has logged."""
    (log,) = stack.outputs
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"KAFKA_SASL_PASSWORD": "guess"}, "SaslAuthenticationFailed"),
        ({"KAFKA_CA_FILE": ""}, "CERTIFICATE_VERIFY_FAILED"),
        ({"MONGODB_CA_FILE": ""}, "MongoDB: .*CERTIFICATE_VERIFY_FAILED"),
    ],
)
async def test_a_process_that_is_turned_away_says_so_and_is_not_ready(
    guarded: GuardedEngines, stack: RunningStack, changes: dict[str, str], says: str
) -> None:
    stack.start("goals", **{**guarded.settings("goals"), **changes})

    async def not_ready() -> bool:
        try:
            async with plain_client(base_url=stack.internal("goals"), timeout=HANGS) as client:
                alive, ready = await client.get("/livez"), await client.get("/readyz")
        except httpx2.HTTPError:
            return False
        assert alive.is_success
        return ready.status_code == 503 and any(
            each["event"] == "not_ready" and re.search(says, each["reason"])
            for each in lines(stack)
        )

    await eventually(not_ready, timeout=60)
    assert await stack.end("goals") == 0


async def test_a_process_whose_user_mongodb_refuses_ends_and_says_so(
    guarded: GuardedEngines, stack: RunningStack
) -> None:
    uri = guarded.mongodb("goals", password="guess")
    stack.start("goals", **{**guarded.settings("goals"), "MONGODB_URI": uri})

    def ended() -> bool:
        return any(each["event"] == "stopped" for each in lines(stack))

    await eventually(ended, timeout=60)
    reasons = {each["reason"] for each in lines(stack) if each["event"] == "role_ended"}
    assert len(reasons) == 1
    assert "MongoDB: OperationFailure: Authentication failed" in reasons.pop()
    assert await stack.end("goals") == 1


async def test_the_doctor_shows_proof_and_no_secret(
    guarded: GuardedEngines, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the user of a service, with no other right than that service's."""
    for name, value in guarded.settings("goals").items():
        monkeypatch.setenv(name, value)
    ask = ["doctor", "--service", "goals", "--mongodb-database", f"{DATABASES}_goals"]

    async def said(*more: str) -> str:
        await asyncio.to_thread(run, [*ask, *more])
        found = capsys.readouterr()
        assert "hush" not in found.out + found.err
        return found.out

    lines = await said()
    assert "right  kafka         1 broker by SASL_SSL" in lines
    assert "replica set rs0, TLS" in lines
    assert "right  topics        5 topics with 12 partitions" in lines
    assert f"wrong  certificates  Kafka {guarded.kafka}: ends on" in lines  # within a day
    assert "wrong  certificates  MONGODB_CERT_FILE: ends on" in lines
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "hush-guess")
    lines = await said("--mongodb-uri", guarded.mongodb("goals", password="hush-guess"))
    assert "wrong  kafka         " in lines
    assert "SaslAuthenticationFailed" in lines
    assert "Authentication failed" in lines
    assert "unseen topics        Kafka does not answer" in lines
