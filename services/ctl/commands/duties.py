"""`tandem duties`: what events have asked for and is not done yet, and what to do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.assembly.registry import WITH_DUTIES
from services.chassis.duties.view import duties_view
from services.chassis.kernel import SystemClock
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
    from services.chassis.duties.duty import Todo
    from services.chassis.duties.mongo_todos import MongoTodos

app = typer.Typer(help="What events have asked for, and is to be done.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids, as `duties list` prints them.")]
MISSING = "some of them are not there, or done or given up already"


@app.command("list", epilog=examples("tandem duties list --service programs --all"))
def list_duties(
    service: ServiceNames = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also what is done, and what is not due yet.")
    ] = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """What is due, has failed or was given up: at most 1,000 of each state and service."""
    from services.chassis.duties.duty import DONE, GIVEN_UP, OPEN

    states = (GIVEN_UP, OPEN, DONE) if every else (GIVEN_UP, OPEN)
    databases = services_of(service, mongodb_database, WITH_DUTIES)
    uri = mongodb(mongodb_uri)

    async def work() -> list[tuple[str, Todo]]:
        with _stores(uri, databases) as stores:
            return [
                (name, todo)
                for name, todos in stores.items()
                for state in states
                for todo in await todos.list([state])
                if every or _pressing(todo)
            ]

    rows = [_row(name, todo) for name, todo in on_engines(work)]
    if as_json:
        console.as_json(rows)
        return
    for row in rows:
        error = f"  {row['error']}" if row["error"] else ""
        due = f"due {row['due']}" if row["state"] == OPEN else f"by {row['by'] or 'itself'}"
        told = f"  ({due})" if row["state"] != DONE else ""
        console.data(f"{row['id']}  {row['state']}  {row['tries']} tries{error}{told}")
    if not rows:
        console.tell("nothing is due")


@app.command()
def retry(
    ids: Ids = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    service: ServiceNames = None,
    dry_run: DryRun = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """Try them at once, as if for the first time; those that are not due yet, too."""
    from services.chassis.duties.duty import GIVEN_UP, OPEN

    now = SystemClock().now()
    work = _moving(
        mongodb(mongodb_uri),
        services_of(service, mongodb_database, WITH_DUTIES),
        ids,
        dry_run,
        (OPEN, GIVEN_UP),
        lambda todo: todo.state == GIVEN_UP,
        lambda todos, each: todos.retry(each, now),
    )
    move(work, ids, every, dry_run, as_json, MISSING)


@app.command("give-up")
def give_up(
    by: Annotated[str, typer.Option(help="Who gives them up; kept with each.")],
    ids: Ids = None,
    every: Annotated[bool, typer.Option("--all", help="All that have failed.")] = False,
    service: ServiceNames = None,
    dry_run: DryRun = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """Let what is open never be tried again, unless somebody says `retry`."""
    from services.chassis.duties.duty import OPEN

    work = _moving(
        mongodb(mongodb_uri),
        services_of(service, mongodb_database, WITH_DUTIES),
        ids,
        dry_run,
        (OPEN,),
        lambda todo: bool(todo.tries and todo.error),
        lambda todos, each: todos.give_up(each, by),
    )
    move(work, ids, every, dry_run, as_json, MISSING)


def _pressing(todo: Todo) -> bool:
    return todo.state != "open" or bool(todo.error) or todo.due <= datetime.now(UTC)


def _row(service: str, todo: Todo) -> dict[str, Any]:
    return {
        "id": todo.id,
        "service": service,
        "duty": todo.duty,
        "state": todo.state,
        "district": todo.district,
        "event": str(todo.fact.get("event", "")),
        "due": todo.due.isoformat(),
        "tries": todo.tries,
        "error": todo.error,
        "by": todo.by,
    }


@contextmanager
def _stores(uri: str, databases: Mapping[str, str]) -> Iterator[dict[str, MongoTodos]]:
    from services.chassis.duties.mongo_todos import MongoTodos

    with opened(uri, databases) as found:
        yield {name: MongoTodos(own, duties_view(name)) for name, own in found.items()}


def _moving(
    uri: str,
    databases: Mapping[str, str],
    ids: Sequence[str] | None,
    dry_run: bool,
    states: Sequence[str],
    meant: Callable[[Todo], bool],
    act: Callable[[MongoTodos, str], Awaitable[bool]],
) -> Callable[[], Coroutine[Any, Any, Moved]]:
    """`states` can be moved; without ids, those are that are `meant`."""

    async def work() -> Moved:
        acts: dict[str, Act] = {}
        with _stores(uri, databases) as stores:
            for todos in stores.values():
                if ids:
                    named = [await todos.get(each) for each in ids]
                    found = [each for each in named if each and each.state in states]
                else:
                    found = [each for each in await todos.list(states) if meant(each)]
                acts |= {each.id: partial(act, todos, each.id) for each in found}
            return await moved(acts, ids or list(acts), dry_run)

    return work
