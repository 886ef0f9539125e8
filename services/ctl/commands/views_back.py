"""Of `tandem views`: back to the build before."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.assembly.registry import SERVICES, VIEWS
from services.ctl import console
from services.ctl.engines_target import (
    DatabaseName,
    Kafka,
    MongodbUri,
    kafka,
    kafka_proof,
    mongodb,
    on_engines,
    opened,
)
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json


def rollback(
    view: Annotated[str, typer.Option("--view", help=f"One of {', '.join(VIEWS)}.")],
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    kafka_bootstrap_servers: Kafka = "",
    as_json: Json = False,
) -> None:
    """Let the build before be read again, as the newest rebuild has found it.

    Its projectors catch up from where it stood. Refused where none stays, since what was erased
    since is in none of them, and where Kafka has no more what that one has not read.
    """
    (name,) = chosen_of([view], mongodb_database)
    database = mongodb_database or SERVICES[VIEWS[name]].database
    uri, servers = mongodb(mongodb_uri), kafka(kafka_bootstrap_servers)

    async def work() -> dict[str, Any]:
        from functools import partial

        from services.chassis.log.noted import held_offsets
        from services.chassis.views.mongo_views import MongoViews
        from services.ctl.rebuilding import go_back, view_of

        topics = view_of(name, VIEWS[name]).projection.topics
        with opened(uri, {name: database}) as own:
            held = partial(held_offsets, servers, topics, kafka_proof())
            return await go_back(name, MongoViews(own[name]), held)

    report = on_engines(work)
    if as_json:
        console.as_json(report)
    else:
        console.data(f"{name}: build {report['build']} is in use again, no more {report['left']}")


def chosen_of(names: list[str], database: str) -> list[str]:
    """These views. Raises Stop USAGE."""
    if unknown := [name for name in names if name not in VIEWS]:
        raise Stop(Exit.USAGE, f"there is no view {unknown[0]}; there are {', '.join(VIEWS)}")
    if database and len(names) > 1:
        raise Stop(Exit.USAGE, "--mongodb-database needs one --view")
    return names
