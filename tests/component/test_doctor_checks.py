"""Each check of the doctor both ways: what is right, and what is wrong with what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.access.districts import District, Districts
from services.assembly.registry import SERVICES
from services.assembly.service import VERSION
from services.chassis.duties.duty import GIVEN_UP
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.engine_settings import EngineSettings
from services.chassis.log.admin import TopicSeen
from services.chassis.log.envelope import Record
from services.chassis.log.topics import topic_configs
from services.chassis.settings import load
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import park
from services.chassis.views.rows import Batch, Fence, Generation, Reported, Terms
from services.ctl.doctor import certificates, doors, engines, issuers, stored
from services.ctl.doctor.erasures import of_erasures
from services.ctl.doctor.finding import Finding, Verdict
from services.ctl.doctor.grants import of_grants
from services.ctl.doctor.rosters import of_rosters
from services.roster.imports.lateness import Coming
from tests.support.certificates import Authority
from tests.support.clocks import START
from tests.support.doctoring import case, says, seen, states
from tests.support.fake_services import fake_services
from tests.support.goal_cards import goal_cards
from tests.support.todos_suite import VIEW, change, put
from tests.support.tokens import LocalIssuer

RIGHT, WATCH, WRONG, UNSEEN = Verdict.RIGHT, Verdict.WATCH, Verdict.WRONG, Verdict.UNSEEN
GOALS = "coaching.goals.v1"
WHOLE = TopicSeen(partitions=12, replicas=3, behind=0)
TOPICS: dict[str, tuple[TopicSeen | None, Mapping[str, str] | None, int, Verdict, str, str]] = {
    "as it should be": (WHOLE, topic_configs(3), 3, RIGHT, "as it should be", ""),
    "kept for longer": (
        WHOLE,
        {**topic_configs(3), "retention.ms": "-1", "min.insync.replicas": "3"},
        3,
        RIGHT,
        "",
        "",
    ),
    "one broker": (TopicSeen(12, 1, 0), topic_configs(1), 1, RIGHT, "", ""),
    "missing": (None, {}, 3, WRONG, "is not there", "`tandem topics ensure`"),
    "partitions": (TopicSeen(24, 3, 0), {}, 3, WRONG, "24 partitions, not 12", "TopicsDiffer"),
    "out of sync": (TopicSeen(12, 3, 2), {}, 3, WRONG, "2 partitions without all", "broker"),
    "retention": (
        WHOLE,
        {**topic_configs(3), "retention.ms": "3600000"},
        3,
        WRONG,
        "retention.ms=3600000, not 3024000000",
        "--add-config retention.ms=3024000000`",
    ),
    "compaction": (
        WHOLE,
        {**topic_configs(3), "cleanup.policy": "compact"},
        3,
        WRONG,
        "cleanup.policy=compact, not delete",
        f"--bootstrap-server $ADMIN --alter --entity-type topics --entity-name {GOALS} "
        "--add-config cleanup.policy=delete`",
    ),
    "one replica": (TopicSeen(12, 1, 0), topic_configs(3), 3, WATCH, "1 replica on 3 b", "more"),
}


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic(name: str) -> None:
    found, configs, brokers, state, told, do = TOPICS[name]
    says(engines.of_topic(GOALS, found, configs, brokers), state, told, do)


def test_a_topic_whose_settings_may_not_be_read_is_not_called_right() -> None:
    found = engines.of_topic(GOALS, WHOLE, None, 3)
    assert (found.state, found.do) == (UNSEEN, "give the user the right DescribeConfigs on it")


def test_a_server() -> None:
    settings = load(EngineSettings, environment="production", allow_plaintext=("kafka", "mongodb"))
    production, trial = case(settings=settings), case()
    rs0 = {"setName": "rs0"}
    says(engines.of_server("goals", rs0, "8.0.4", production), RIGHT, "set rs0, plain text")
    says(engines.of_server("goals", rs0, "6.0.5", trial), RIGHT, "MongoDB 6.0.5")
    says(engines.of_server("goals", rs0, "6.0.5", production), WATCH, "6.0.5", "upgrade to 8.0")
    says(engines.of_server("goals", {}, "8.0.4", production), WRONG, "no replica set", "--replSet")


@pytest.mark.parametrize(("used", "state"), [(79, RIGHT), (80, WATCH), (90, WRONG)])
def test_a_disk(used: int, state: Verdict) -> None:
    stats = {"fsUsedSize": used * 2**30, "fsTotalSize": 100 * 2**30, "storageSize": 2**20}
    says(engines.of_disk("goals", stats), state, f"{used}% of 100 GiB are used, 1 MiB by it")
    assert engines.of_disk("goals", {}).state is UNSEEN


def test_indexes() -> None:
    says(engines.of_indexes("goals", []), RIGHT, "all there")
    missing = engines.of_indexes("goals", ["journal.by_district"])
    says(missing, WRONG, "journal.by_district", "`tandem indexes ensure --service goals`")


@pytest.mark.parametrize(("seconds", "state"), [(-10, RIGHT), (10, RIGHT), (11, WRONG)])
def test_a_clock(seconds: int, state: Verdict) -> None:
    says(engines.of_clock("MongoDB", timedelta(seconds=seconds)), state, f"{seconds:+d}.0 s from")


def test_an_outbox() -> None:
    says(stored.of_outbox("goals", 0, None, START), RIGHT, "all published")
    fresh, old = START - timedelta(seconds=60), START - timedelta(seconds=61)
    says(stored.of_outbox("goals", 3, fresh, START), RIGHT, "3 wait for Kafka")
    says(stored.of_outbox("goals", 3, old, START), WRONG, "the oldest for 61 s", "relay runs")


DATED = goal_cards()
PLAIN = replace(DATED, dated=False)
BUILD = Generation(DATED.group, 0)
OPENS = "`TandemAccessOld`"
TOPIC = DATED.topics[0]


async def read_until(views: MemoryViews, position: int) -> None:
    held = await views.claim(BUILD.group, range(12), Terms(12))
    fences = {n: Fence(fence.rev, {TOPIC: position}) for n, fence in held.items()}
    await views.commit(Batch(BUILD, fences, []))


async def test_a_view() -> None:
    views = MemoryViews()
    ends = {number: {TOPIC: 5} for number in range(12)}
    begun = await stored.of_view(PLAIN, views, ends, case(), START)
    says(begun, WRONG, "was never begun", "`projector`")
    await read_until(views, 4)
    behind = await stored.of_view(PLAIN, views, ends, case(), START)
    says(behind, WRONG, "has not read 12 records", "its projector runs")
    await read_until(views, 5)
    says(await stored.of_view(PLAIN, views, ends, case(), START), RIGHT, "has read all")
    stale = await stored.of_view(DATED, views, ends, case(), START)
    says(stale, WRONG, "does not say that it is fresh", "hold all partitions")
    await views.report(BUILD.group, 12, dict.fromkeys(range(12), START - stored.STALE))
    says(await stored.of_view(DATED, views, ends, case(), START), RIGHT, "as of 14:59:35 UTC")
    later = START + timedelta(seconds=1)
    says(await stored.of_view(DATED, views, ends, case(), later), WRONG, "fresh, as of", "clock")


def test_who_may_see_what() -> None:
    def of(**ages: float) -> Finding:
        as_of = {n: START - timedelta(seconds=ages.get(f"n{n}", 3)) for n in range(12)}
        told = {n: at for n, at in as_of.items() if at < START}
        return stored.of_access("goals", Reported(12, told), 3_600, START)

    nobody = stored.of_access("goals", Reported(0, {}), 3_600, START)
    says(nobody, UNSEEN, "has told nothing yet")
    says(of(n3=1_800), RIGHT, "as of 1800 s ago, and believed for 3600 s")
    says(of(n3=1_801), WATCH, "in partitions 3 is as of 1801 s ago", OPENS)
    says(of(n3=3_600, n7=1_900), WRONG, "in partitions 3, 7 is as of 3600 s ago", OPENS)
    says(of(n3=0), WRONG, "in partitions 3 is never known as a whole", OPENS)


async def test_a_build_that_nobody_uses() -> None:
    views = MemoryViews()
    await read_until(views, 5)
    assert stored.of_builds(await views.builds(BUILD.group)) is None
    for _ in range(2):
        left = await views.next_generation(BUILD.group)
        await views.claim(left.group, range(12), Terms(12))
    found = stored.of_builds(await views.builds(BUILD.group))
    assert found is not None
    says(found, WATCH, "build 1, 2 is not in use, but 0 is", "`tandem views rebuild`")
    await views.flip(left)
    assert stored.of_builds(await views.builds(BUILD.group)) is None


def test_parked_events_are_told_by_kind_and_name_nobody() -> None:
    says(stored.of_parked("goals", []), RIGHT, "no event")
    record = Record(GOALS, 3, 7, b"lakewood:teacher-0031", b"Ms. Rivera", ())
    found = [
        park("goals-access", record, None, "undecodable: Ms. Rivera", START),
        park("goals-access", record, None, "invalid: the row is full", START),
    ]
    told = stored.of_parked("goals", found)
    says(told, WRONG, "2 open: 1 undecodable, 1 invalid", "`tandem parked list --service goals`")
    assert "Rivera" not in str(told)
    assert "teacher" not in str(told)


async def test_duties() -> None:
    views = MemoryViews()
    todos = MemoryTodos(views, VIEW)
    says(await stored.of_duties("surveys", todos, START), RIGHT, "0 due")
    await put(views, change("a", due=START))
    soon, late = START + timedelta(minutes=10), START + timedelta(minutes=11)
    says(await stored.of_duties("surveys", todos, soon), RIGHT, "1 due, none late")
    found = await stored.of_duties("surveys", todos, late)
    says(found, WRONG, "due for 660 s (remind)", "runs the role `duties`")
    await put(views, change("b", state=GIVEN_UP, error="state_too_large"))
    found = await stored.of_duties("surveys", todos, START)
    says(found, WRONG, "1 given up (remind state_too_large)", "`duties retry`")
    assert "d1" not in str(found)


def test_orders_to_erase_that_are_late_name_nobody() -> None:
    def under_way(since: datetime, *services: str) -> dict[str, Any]:
        steps = [{"step": "ordered", "at": START - timedelta(days=9)}]
        steps.append({"step": "released", "at": since})
        carried = [{"service": each} for each in services]
        return {"person": "teacher-0031", "steps": steps, "carried": carried}

    says(of_erasures([], START), RIGHT, "0 under way, none for more than an hour")
    recent = under_way(START - timedelta(minutes=60))
    says(of_erasures([recent], START), RIGHT, "1 under way, none for more than an hour")
    late = under_way(START - timedelta(minutes=61), "goals", "programs")
    found = of_erasures([recent, late], START)
    told = "1 under way for more than an hour; awaited: observations, surveys"
    says(found, WRONG, told, "`tandem duties list`")
    assert "teacher" not in str(found)
    of_one = {"kind": "goal", "artifact": "g", "since": START - timedelta(minutes=61)}
    says(of_erasures([of_one], START), WRONG, "1 under way for more than an hour; awaited: goals")


def test_grants_that_end_are_counted_by_district_and_nobody_is_named() -> None:
    says(of_grants({"north": 0}), RIGHT, "none ends within 14 days")
    found = of_grants({"south": 2, "east": 0, "north": 1})
    says(found, WATCH, "end within 14 days: 1 of north, 2 of south", "--ending-by soon")
    assert found.facts == {"north": 1, "south": 2}


def test_rosters_that_do_not_come_are_told_by_district() -> None:
    day = timedelta(hours=36)
    (found,) = of_rosters({}, START)
    says(found, RIGHT, "no district expects its own")
    (found,) = of_rosters({"north": Coming(day, START - day)}, START)
    says(found, RIGHT, "1 expected, all in time")
    late = {
        "south": Coming(day, None),
        "north": Coming(timedelta(hours=24), START - timedelta(hours=25)),
        "east": Coming(day, START),
    }
    first, second = of_rosters(late, START)
    assert (first.about, second.about) == ("north", "south")
    told = "the last good import was at 2026-10-04T14:00Z, one is expected every 24 hours"
    says(first, WRONG, told, "GET /roster/v1/imports")
    told = "none has been imported yet, one is expected every 36 hours"
    says(second, WRONG, told, "GET /roster/v1/imports")


def test_districts() -> None:
    issuer = LocalIssuer().settings.model_dump(exclude={"district"})
    (found,) = issuers.of_districts(Districts())
    says(found, WRONG, "names no district", "name one")
    both = {"north": District.model_validate({"issuers": [issuer]}), "south": District()}
    assert states(issuers.of_districts(Districts(both))) == [("", "right"), ("south", "watch")]


async def test_a_districts_file_with_a_mistake_and_none_at_all(tmp_path: Path) -> None:
    (none,) = await seen(issuers.districts, case())
    says(none, WRONG, "there is no districts file", "DISTRICTS_FILE")
    path = tmp_path / "districts.yaml"
    path.write_text("districts:\n  lakewood:\n    small_n: 2\n")
    (wrong,) = await seen(issuers.districts, case(districts_file=str(path)))
    says(wrong, WRONG, f"{path}:3: districts.lakewood.small_n", "mend that line")
    (unseen,) = await seen(issuers.issuers, case(districts_file=str(path)))
    assert unseen.state is UNSEEN


@pytest.mark.parametrize(
    ("keys", "algorithms", "state", "told"),
    [
        ([dict(LocalIssuer().key.as_dict(private=False))], ["ES256"], RIGHT, "1 usable key"),
        ([dict(LocalIssuer().key.as_dict(private=False))], ["RS256"], WRONG, "no key for RS256"),
        (
            [],
            ["ES256"],
            WRONG,
            "its jwks_file gives no keys to lakewood: ValueError (not a JWK set)",
        ),
    ],
)
async def test_the_keys_of_an_issuer(
    tmp_path: Path, keys: list[Any], algorithms: list[str], state: Verdict, told: str
) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}))
    issuer = {
        "issuer": "https://login.example.org",
        "audience": "tandem",
        "jwks_file": str(tmp_path / "keys.json"),
        "algorithms": algorithms,
    }
    path = tmp_path / "districts.yaml"
    path.write_text(json.dumps({"districts": {"lakewood": {"issuers": [issuer]}}}))
    (found,) = await seen(issuers.issuers, case(districts_file=str(path)))
    says(found, state, told)


@pytest.mark.parametrize(
    ("days", "state", "told"),
    [(30, RIGHT, "in 30 days"), (21, WATCH, "in 21"), (7, WRONG, "in 7"), (0, WRONG, "ended on")],
)
def test_a_certificate(days: int, state: Verdict, told: str) -> None:
    says(certificates.ending("Kafka", START + timedelta(days=days), START), state, told)


async def test_certificates_in_files(tmp_path: Path) -> None:
    authority = Authority("authority")
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    certificate, key = authority.write(tmp_path, "client")
    told = {"kafka_security_protocol": "SSL", "kafka_bootstrap_servers": "127.0.0.1:1"}
    files = {"ca": tmp_path / "ca.crt", "cert": certificate, "key": key}
    told |= {f"kafka_{name}_file": str(path) for name, path in files.items()}
    settings = load(EngineSettings, environment="test", **told)
    now = datetime.now(UTC)  # the certificates end a day from now
    for day, state in ((now, "wrong"), (now - timedelta(days=30), "right")):
        found = await seen(
            certificates.certificates, case(settings=settings, now=partial(_same, day))
        )
        assert states(found) == [
            ("KAFKA_CA_FILE", state),
            ("KAFKA_CERT_FILE", state),
            ("Kafka 127.0.0.1:1", "unseen"),
        ]


def _same(now: datetime) -> datetime:
    return now


def test_a_file_that_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "client.crt").write_text("no certificate")
    found = certificates.in_file("KAFKA_CERT_FILE", str(tmp_path / "client.crt"), START)
    says(found, WRONG, "cannot be read (ValueError)", "put a PEM file")


def document(version: str) -> dict[str, Any]:
    return {"info": {"version": version}, "paths": {"/goals/v1/goals": {"get": {}}}}


@pytest.mark.parametrize(
    ("version", "status", "state", "told"),
    [
        (VERSION, 401, RIGHT, f"version {VERSION}"),
        (VERSION, 200, WRONG, "answers 200 to who shows no token"),
        ("9.9.9", 401, WATCH, f"runs as 9.9.9, this is {VERSION}"),
    ],
)
async def test_a_service(version: str, status: int, state: Verdict, told: str) -> None:
    with fake_services() as fake:
        fake.answers["GET", "/goals/openapi.json"] = (200, document(version))
        fake.answers["GET", "/goals/v1/goals"] = (status, {})
        first, *_ = await seen(doors.services, case(urls={"goals": fake.url}))
    says(first, state, told)


def test_versions_side_by_side_are_told() -> None:
    answers = [doors.Shown(version, 401, None) for version in (VERSION, "9.9.9")]
    says(doors.of_answers("goals", answers), WATCH, f"{VERSION} and 9.9.9", "finish the upgrade")


async def test_a_service_that_is_away_and_none_that_was_named() -> None:
    (found,) = await seen(doors.services, case(urls={"goals": "http://127.0.0.1:1"}))
    says(found, WRONG, "http://127.0.0.1:1: ConnectError", "is ready")
    (unseen,) = await seen(doors.services, case())
    assert unseen.state is UNSEEN


def test_every_service_reads_topics() -> None:
    assert all(engines.topics_of(name) for name in SERVICES)
