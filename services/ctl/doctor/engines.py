"""Kafka, its topics, MongoDB, its indexes and its disk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from services.assembly.registry import LOOKS, SERVICES, TOPICS
from services.chassis.log.admin import KafkaUnavailable, TopicSeen, kafka_admin
from services.chassis.log.topics import PARTITIONS, REPLICAS, topic_configs
from services.chassis.mongo import AWARE, MongoUnavailable, ping
from services.ctl.doctor.finding import KAFKA, MONGODB, Case, Finding, Verdict
from services.ctl.local.ensure import missing_indexes
from services.ctl.rebuilding import view_of

OLDEST_MONGODB = 8
DISK_WATCH, DISK_WRONG = 0.8, 0.9
SECRETS = "look at the settings KAFKA_*, the files that they name, and the broker's log"


async def kafka(case: Case, _: str) -> AsyncIterator[Finding]:
    how = case.settings.kafka_security_protocol
    try:
        async with kafka_admin(case.servers, case.proof()) as admin:
            brokers = await admin.brokers()
    except (KafkaUnavailable, OSError) as error:
        yield Finding(KAFKA, "", Verdict.WRONG, f"{error} (by {how})", SECRETS)
        return
    told = f"{_counted(brokers, 'broker')} by {how}"
    yield Finding(KAFKA, "", Verdict.RIGHT, told, facts={"brokers": brokers, "protocol": how})


def topics_of(service: str) -> set[str]:
    """Those that the views of a service read."""
    views = (view_of(view, service) for view in SERVICES[service].views)
    return {topic for view in views for topic in view.projection.topics}


async def topics(case: Case, _: str) -> AsyncIterator[Finding]:
    """Of those that the services publish to all settings, of the others that they are there."""
    own = {SERVICES[each].topic for each in case.databases if SERVICES[each].tells} | {LOOKS}
    read = {topic for each in case.databases for topic in topics_of(each)}
    async with kafka_admin(case.servers, case.proof()) as admin:
        brokers, seen = await admin.brokers(), await admin.topics()
        configs = {name: await admin.configs(name) for name in TOPICS if name in own & seen.keys()}
    right = 0
    for name in TOPICS:
        if name in own | read:
            found = of_topic(name, seen.get(name), configs.get(name, {}), brokers)
            right += found.state is Verdict.RIGHT
            if found.state is not Verdict.RIGHT:
                yield found
    if right:
        told = f"{_counted(right, 'topic')} with {PARTITIONS} partitions, as they should be"
        yield Finding("topics", "", Verdict.RIGHT, told)


def of_topic(
    name: str, seen: TopicSeen | None, configs: Mapping[str, str] | None, brokers: int
) -> Finding:
    """`configs` is None where they may not be read, and empty where they were not asked for."""

    def finding(state: Verdict, told: str, do: str) -> Finding:
        facts = {"partitions": seen.partitions, "replicas": seen.replicas} if seen else {}
        return Finding("topics", name, state, told, do, {**facts, **_settings(configs or {})})

    if seen is None:
        return finding(
            Verdict.WRONG,
            "is not there, or this user may not see it",
            "`tandem topics ensure`, or give the user the right Describe",
        )
    if seen.partitions != PARTITIONS:
        return finding(
            Verdict.WRONG,
            f"has {seen.partitions} partitions, not {PARTITIONS}",
            "docs/operating.md says what under TopicsDiffer",
        )
    if seen.behind:
        return finding(
            Verdict.WRONG,
            f"{_counted(seen.behind, 'partition')} without all replicas in sync",
            "see that every broker runs",
        )
    wanted = topic_configs(min(REPLICAS, brokers))
    known = configs or {}
    if wrong := [f"{key}={known[key]}, not {wanted[key]}" for key in _wrong(known, wanted)]:
        keys = ",".join(f"{key}={wanted[key]}" for key in _wrong(known, wanted))
        change = "kafka-configs.sh --bootstrap-server $ADMIN --alter --entity-type topics"
        do = f"`{change} --entity-name {name} --add-config {keys}`"
        return finding(Verdict.WRONG, "; ".join(wrong), do)
    if seen.replicas < min(REPLICAS, brokers):
        return finding(
            Verdict.WATCH,
            f"has {_counted(seen.replicas, 'replica')} on {_counted(brokers, 'broker')}",
            "give it more with kafka-reassign-partitions.sh",
        )
    if configs is None:
        return finding(
            Verdict.UNSEEN,
            "this user may not read its settings",
            "give the user the right DescribeConfigs on it",
        )
    return finding(Verdict.RIGHT, "is as it should be", "")


def _wrong(configs: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """What is kept for longer, or is written to more replicas, is right as well."""
    found = []
    for key, value in wanted.items():
        told = configs.get(key, value)
        if key == "retention.ms":
            wrong = told != "-1" and int(told) < int(value)
        elif key == "min.insync.replicas":
            wrong = int(told) < int(value)
        else:
            wrong = told != value
        if wrong:
            found.append(key)
    return found


def _settings(configs: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in configs.items() if key in topic_configs(REPLICAS)}


async def mongodb(case: Case, service: str) -> AsyncIterator[Finding]:
    own = case.stores[service]
    try:
        await _pinged(own)
        hello, build = await own.command("hello"), await own.command("buildInfo")
    except MongoUnavailable as error:
        do = "see that it runs, and look at MONGODB_URI and the files of MONGODB_*_FILE"
        yield Finding(MONGODB, service, Verdict.WRONG, str(error), do)
        return
    yield of_server(service, hello, build["version"], case)


async def _pinged(own: Any) -> None:
    """A ping has one second, and a connection by TLS may take longer."""
    for _ in range(2):
        try:
            await ping(own)
            return
        except MongoUnavailable as error:
            if "OperationFailure" in str(error):
                raise
    await ping(own)


def of_server(service: str, hello: Mapping[str, Any], version: str, case: Case) -> Finding:
    name = hello.get("setName", "")
    facts = {"version": version, "set": name, "tls": case.settings.mongodb_tls}
    if not name:
        do = "start mongod with --replSet and `rs.initiate()`: transactions need a set"
        return Finding(MONGODB, service, Verdict.WRONG, "is no replica set", do, facts)
    told = f"MongoDB {version}, replica set {name}, {'TLS' if facts['tls'] else 'plain text'}"
    if case.production and int(version.partition(".")[0]) < OLDEST_MONGODB:
        do = f"upgrade to {OLDEST_MONGODB}.0 or newer, which still gets fixes"
        return Finding(MONGODB, service, Verdict.WATCH, told, do, facts)
    return Finding(MONGODB, service, Verdict.RIGHT, told, facts=facts)


async def disk(case: Case, service: str) -> AsyncIterator[Finding]:
    yield of_disk(service, await case.stores[service].command("dbStats"))


def of_disk(service: str, stats: Mapping[str, Any]) -> Finding:
    """As `dbStats` has it, in bytes."""
    used, size = float(stats.get("fsUsedSize", 0)), float(stats.get("fsTotalSize", 0))
    own = int(stats.get("storageSize", 0) + stats.get("indexSize", 0))
    facts = {"used": int(used), "size": int(size), "database": own}
    if not size:
        return Finding("disk", service, Verdict.UNSEEN, "MongoDB does not say", facts=facts)
    told = f"{used / size:.0%} of {size / 2**30:.0f} GiB are used, {own / 2**20:.0f} MiB by it"
    if used / size < DISK_WATCH:
        return Finding("disk", service, Verdict.RIGHT, told, facts=facts)
    state = Verdict.WRONG if used / size >= DISK_WRONG else Verdict.WATCH
    do = "make MongoDB's volume larger: writes end where it is full"
    return Finding("disk", service, state, told, do, facts)


async def indexes(case: Case, service: str) -> AsyncIterator[Finding]:
    database = case.databases[service]
    yield of_indexes(service, await missing_indexes(case.uri, service, database))


def of_indexes(service: str, missing: list[str]) -> Finding:
    if not missing:
        return Finding("indexes", service, Verdict.RIGHT, "all there")
    told = f"missing or other ones: {', '.join(missing)}"
    do = f"`tandem indexes ensure --service {service}`"
    return Finding("indexes", service, Verdict.WRONG, told, do, {"missing": missing})


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


CLOCKS = timedelta(seconds=10)  # tokens bear a minute


async def mongodb_clock(case: Case, _: str) -> AsyncIterator[Finding]:
    for own in [*case.stores.values()][:1]:
        before = case.now()
        hello = await own.command("hello", codec_options=AWARE)
        yield of_clock("MongoDB", hello["localTime"] - (before + (case.now() - before) / 2))


def of_clock(whose: str, ahead: timedelta) -> Finding:
    """`ahead` of the clock of who asks."""
    seconds = ahead.total_seconds()
    told, facts = f"{seconds:+.1f} s from here", {"seconds": round(seconds, 1)}
    if abs(ahead) <= CLOCKS:
        return Finding("clocks", whose, Verdict.RIGHT, told, facts=facts)
    do = "let NTP set the clocks of all machines: tokens bear a minute, and `as_of` nothing"
    return Finding("clocks", whose, Verdict.WRONG, told, do, facts)
