"""Kafka and MongoDB as the commands of an operator reach them."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.assembly.registry import SERVICES
from services.ctl.exits import Exit, Stop
from services.ctl.target import local

if TYPE_CHECKING:
    from services.chassis.engine_settings import EngineSettings
    from services.chassis.log.connections import Proof
    from services.chassis.mongo import Database

T = TypeVar("T")
REACHED_SECONDS, PAUSE_SECONDS = 5.0, 0.5

MongodbUri = Annotated[
    str,
    typer.Option(envvar="MONGODB_URI", help="Default: the local stack's.", show_default=False),
]
Kafka = Annotated[
    str,
    typer.Option(
        envvar="KAFKA_BOOTSTRAP_SERVERS", help="Default: the local stack's.", show_default=False
    ),
]
DatabaseName = Annotated[
    str,
    typer.Option(
        envvar="MONGODB_DATABASE",
        help="Only with one service or view. Default: tandem_<service>.",
        show_default=False,
    ),
]
ServiceNames = Annotated[
    list[str] | None,
    typer.Option("--service", help="One service; may be repeated. Default: all."),
]


def engine_settings(**given: str) -> EngineSettings:
    """As the services read them, also from SECRETS_DIR; `given` wins. Plain text is refused
    where ENVIRONMENT says production. Raises Stop USAGE."""
    from services.chassis.engine_settings import EngineSettings
    from services.chassis.settings import BadSettings, load

    environment = os.environ.get("ENVIRONMENT", "development")
    try:
        return load(EngineSettings, environment=environment, **given)
    except BadSettings as error:
        raise Stop(Exit.USAGE, str(error)) from None


def mongodb(uri: str) -> str:
    settings = engine_settings(**({"mongodb_uri": uri} if uri else {}))
    if "mongodb_uri" in settings.model_fields_set:
        return settings.mongodb_uri.get_secret_value()
    return local("--mongodb-uri (MONGODB_URI)").stack.mongodb


def kafka(servers: str) -> str:
    """Kafka's address. Blocks while none of its servers takes connections, for seconds: its
    clients give up at once, and to a pod that has just begun a cluster's network is closed until
    its policies are known everywhere."""
    settings = engine_settings(**({"kafka_bootstrap_servers": servers} if servers else {}))
    if "kafka_bootstrap_servers" in settings.model_fields_set:
        found = settings.kafka_bootstrap_servers
        wait_until(lambda: any_open(found), REACHED_SECONDS)
        return found
    return local("--kafka-bootstrap-servers (KAFKA_BOOTSTRAP_SERVERS)").stack.kafka


def wait_until(reached: Callable[[], bool], seconds: float) -> None:
    """Blocks until it is, for so long at most; who is not is told of by what comes next."""
    until = time.monotonic() + seconds
    while not reached() and time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)


def any_open(servers: str) -> bool:
    """Whether one of `host:port,...` takes a connection."""
    for each in servers.split(","):
        host, _, port = each.strip().rpartition(":")
        try:
            socket.create_connection((host, int(port)), PAUSE_SECONDS).close()
        except (OSError, ValueError):
            continue
        return True
    return False


def kafka_proof() -> Proof:
    """What this command shows the brokers."""
    from services.chassis.log.connections import Proof

    return Proof(engine_settings().kafka_security())


def services_of(
    names: Sequence[str] | None, database: str, among: Sequence[str] = tuple(SERVICES)
) -> dict[str, str]:
    """Service -> its database."""
    chosen = list(names or among)
    unknown = [name for name in chosen if name not in among]
    if unknown:
        raise Stop(Exit.USAGE, f"--service is one of {', '.join(among)}")
    if database and len(chosen) > 1:
        raise Stop(Exit.USAGE, "--database (MONGODB_DATABASE) needs one --service")
    return {name: database or SERVICES[name].database for name in chosen}


@contextmanager
def opened(uri: str, databases: Mapping[str, str]) -> Iterator[dict[str, Database]]:
    """The named databases (service -> name) over one client."""
    from services.chassis.mongo import NO_ADDRESS, PyMongoError, connect, database

    files = engine_settings(mongodb_uri=uri).mongodb_files
    try:
        client = connect(uri, "tandem-ctl", files=files)
    except (PyMongoError, ValueError) as error:  # its own text might show the password
        text = f"--mongodb-uri (MONGODB_URI): {NO_ADDRESS} ({type(error).__name__})"
        raise Stop(Exit.USAGE, text) from None
    try:
        yield {service: database(client, name) for service, name in databases.items()}
    finally:
        client.close()


def on_engines(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work`; an engine that does not answer becomes Stop UNREACHABLE."""
    from services.chassis.kernel import Fault
    from services.chassis.log.admin import KafkaUnavailable
    from services.chassis.log.source import SourceDown
    from services.chassis.mongo import MongoUnavailable, PyMongoError
    from services.chassis.views.rows import StoreDown

    try:
        return asyncio.run(work())
    except (KafkaUnavailable, SourceDown) as error:
        raise Stop(Exit.UNREACHABLE, f"Kafka: {error}") from None
    except MongoUnavailable as error:
        raise Stop(Exit.UNREACHABLE, str(error)) from None
    except (PyMongoError, StoreDown, Fault) as error:
        raise Stop(Exit.UNREACHABLE, f"MongoDB: {reason(error)}") from None


def reason(error: Exception) -> str:
    """What the driver of MongoDB says, without what it says about itself."""
    return str(error.__cause__ or error).partition(" (configured timeouts")[0][:300]
