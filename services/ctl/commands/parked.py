"""`tandem parked`: events that a projector could not read, and what to do with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
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
from services.ctl.exits import Code, Stop
from services.ctl.target import Json

if TYPE_CHECKING:
    from services.chassis.views.mongo_parked import MongoParked
    from services.chassis.views.parked import Parked

app = typer.Typer(help="Events that could not be projected.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids, as `parked list` prints them.")]
Every = Annotated[bool, typer.Option("--all", help="All open ones of the services.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which.")]
Moved = list[tuple[str, bool]]


@app.command("list")
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


@app.command()
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
    databases = services_of(service, mongodb_database)
    _move(
        mongodb(mongodb_uri),
        databases,
        ids,
        every,
        dry_run,
        as_json,
        lambda messages, each: messages.redrive(each),
    )


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
    databases = services_of(service, mongodb_database)
    now = datetime.now(UTC)
    _move(
        mongodb(mongodb_uri),
        databases,
        ids,
        every,
        dry_run,
        as_json,
        lambda messages, each: messages.discard(each, by, now),
    )


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


def _move(
    uri: str,
    databases: dict[str, str],
    ids: list[str] | None,
    every: bool,
    dry_run: bool,
    as_json: bool,
    act: Callable[[MongoParked, str], Awaitable[bool]],
) -> None:
    """Print each id and whether it was moved; Stop NOT_FOUND when one is not open."""
    from services.chassis.views.parked import OPEN, REDRIVE

    if bool(ids) is every:
        raise Stop(Code.USAGE, "name ids, or say --all")

    async def work() -> Moved:
        with _stores(uri, databases) as stores:
            found = await _found(stores, (OPEN, REDRIVE))
            known = {each.id: stores[service] for service, each in found}
            chosen = list(known) if every else ids or []
            return [
                (each, each in known and (dry_run or await act(known[each], each)))
                for each in chosen
            ]

    moved = on_engines(work)
    if as_json:
        console.as_json([{"id": each, "moved": done and not dry_run} for each, done in moved])
    else:
        for each, done in moved:
            state = "not open" if not done else "would be" if dry_run else "done"
            console.data(f"{each}  {state}")
    if not all(done for _, done in moved):
        raise Stop(Code.NOT_FOUND, "some of them are not parked, or not open any more")
