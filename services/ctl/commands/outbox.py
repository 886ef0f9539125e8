"""`tandem outbox`: events that are stored but not yet on Kafka."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from services.assembly.registry import WRITE_SERVICES
from services.ctl import console
from services.ctl.engines_target import (
    DatabaseName,
    MongodbUri,
    ServiceNames,
    mongodb,
    on_engines,
    opened,
    services_of,
)
from services.ctl.target import Json

app = typer.Typer(help="Events that wait to be published.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...


@app.command()
def status(
    service: ServiceNames = None,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """How many aggregates have events that wait, and since when the oldest does."""
    databases = services_of(service, mongodb_database, WRITE_SERVICES)
    rows = on_engines(lambda: _status(mongodb(mongodb_uri), databases))
    if as_json:
        console.as_json(rows)
        return
    for row in rows:
        since = f"the oldest for {row['oldest_seconds']} s" if row["waiting"] else "all published"
        console.data(f"{row['service']:<14}{row['waiting']:>8} waiting   {since}")


async def _status(uri: str, databases: dict[str, str]) -> list[dict[str, Any]]:
    from services.chassis.write.mongo_documents import MongoDocuments

    rows: list[dict[str, Any]] = []
    with opened(uri, databases) as found:
        for name, own in found.items():
            waiting, oldest = await MongoDocuments(own).backlog()
            age = round((datetime.now(UTC) - oldest).total_seconds(), 1) if oldest else None
            rows.append({"service": name, "waiting": waiting, "oldest_seconds": age})
    return rows
