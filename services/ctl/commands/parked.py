"""`tandem parked`: events that a projector could not read, and what to do with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.assembly.registry import SERVICES
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
from services.ctl.examples import examples
from services.ctl.moving import Act, DryRun, Moved, move, moved
from services.ctl.target import Json

if TYPE_CHECKING:
    from services.chassis.views.mongo_parked import MongoParked
    from services.chassis.views.parked import Parked

app = typer.Typer(help="Events that could not be projected.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids, as `parked list` prints them.")]
Every = Annotated[bool, typer.Option("--all", help="All open ones of the services.")]
MISSING = "some of them are not parked, or not open any more"


@app.command("list", epilog=examples("tandem parked list --service insights"))
def list_parked(
    service: ServiceNames = None,
    every: Annotated[bool, typer.Option("--all", help="Resolved and discarded ones too.")] = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """The parked messages: where from, why, and since when."""
    from services.chassis.views.parked import DISCARDED, OPEN, REDRIVE, RESOLVED

    states = (OPEN, REDRIVE, RESOLVED, DISCARDED) if every else (OPEN, REDRIVE)
    databases = services_of(service, mongodb_database)
    uri = mongodb(mongodb_uri)

    async def work() -> list[tuple[str, Parked]]:
        with _stores(uri, databases) as stores:
            return await _found(stores, states)

    found = on_engines(work)
    rows = [_row(name, each) for name, each in found]
    if as_json:
        console.as_json(rows)
        return
    for row in rows:
        console.data(
            f"{row['id']}  {row['state']}  {row['district'] or '-'}  {row['reason']}"
            f"  (since {row['parked_at']})"
        )
    if not rows:
        console.tell("nothing is parked")


@app.command(epilog=examples("tandem parked redrive --all --service insights --dry-run"))
def redrive(
    ids: Ids = None,
    every: Every = False,
    service: ServiceNames = None,
    dry_run: DryRun = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """Ask the projector to try again: it does so within about a second."""
    work = _moving(
        mongodb(mongodb_uri),
        services_of(service, mongodb_database),
        ids,
        dry_run,
        lambda messages, each: messages.redrive(each),
    )
    move(work, ids, every, dry_run, as_json, MISSING)


@app.command()
def discard(
    by: Annotated[str, typer.Option(help="Who gives them up; kept with each.")],
    ids: Ids = None,
    every: Every = False,
    service: ServiceNames = None,
    dry_run: DryRun = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """Give messages up. What they were about stays marked incomplete until a newer event."""
    now = datetime.now(UTC)
    work = _moving(
        mongodb(mongodb_uri),
        services_of(service, mongodb_database),
        ids,
        dry_run,
        lambda messages, each: messages.discard(each, by, now),
    )
    move(work, ids, every, dry_run, as_json, MISSING)


def _row(service: str, parked: Parked) -> dict[str, Any]:
    return {
        "id": parked.id,
        "service": service,
        "state": parked.state,
        "reason": parked.reason,
        "district": parked.district,
        "aggregate": parked.aggregate,
        "version": parked.version,
        "topic": parked.record.topic,
        "partition": parked.record.partition,
        "offset": parked.record.offset,
        "bytes": len(parked.record.value or b""),
        "parked_at": parked.parked_at.isoformat(),
        "by": parked.by,
    }


async def _found(
    stores: Mapping[str, MongoParked], states: Sequence[str]
) -> list[tuple[str, Parked]]:
    return [
        (service, each)
        for service, messages in stores.items()
        for view in SERVICES[service].views
        for each in await messages.list(view, states)
    ]


@contextmanager
def _stores(uri: str, databases: Mapping[str, str]) -> Iterator[dict[str, MongoParked]]:
    from services.chassis.views.mongo_parked import MongoParked

    with opened(uri, databases) as found:
        yield {service: MongoParked(own) for service, own in found.items()}


def _moving(
    uri: str,
    databases: dict[str, str],
    ids: list[str] | None,
    dry_run: bool,
    act: Callable[[MongoParked, str], Awaitable[bool]],
) -> Callable[[], Coroutine[Any, Any, Moved]]:
    """Those that are open can be moved, and without ids all are."""
    from services.chassis.views.parked import OPEN, REDRIVE

    async def work() -> Moved:
        with _stores(uri, databases) as stores:
            found = await _found(stores, (OPEN, REDRIVE))
            acts: dict[str, Act] = {
                each.id: partial(act, stores[service], each.id) for service, each in found
            }
            return await moved(acts, ids or list(acts), dry_run)

    return work
