"""`tandem events`: what the services publish, as it passes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import aclosing
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.ctl import console
from services.ctl.engines_target import Kafka, kafka, kafka_proof, on_engines
from services.ctl.examples import examples
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json

if TYPE_CHECKING:
    from services.ctl.event_text import Passed

app = typer.Typer(help="Events as they pass.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...


@app.command(
    epilog=examples(
        "tandem events tail --service goals", "tandem events tail --teacher teacher-0001 --json"
    )
)
def tail(
    service: Annotated[
        list[str] | None,
        typer.Option(help="Events of this service; may be repeated. Default: all."),
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option(
            "--type", help="A type of event, such as GoalActivated or 'Goal*'; may be repeated."
        ),
    ] = None,
    teacher: Annotated[str, typer.Option(help="Those about this teacher.")] = "",
    district: Annotated[str, typer.Option(help="Those of this district.")] = "",
    seconds: Annotated[float, typer.Option(help="End after so long; 0: at Ctrl-C.")] = 0,
    kafka_bootstrap_servers: Kafka = "",
    as_json: Json = False,
) -> None:
    """What is published from now on, decoded, one line an event; a terminal's line is cut where
    it ends.

    What is no event of ours is shown with its place and what is wrong with it, unless a type, a
    teacher or a district was asked for.
    """
    chosen = service or list(WRITE_SERVICES)
    if unknown := [each for each in chosen if each not in WRITE_SERVICES]:
        among = ", ".join(WRITE_SERVICES)
        raise Stop(Exit.USAGE, f"no events are {unknown[0]}'s; --service is one of {among}")
    wanted = _wanted(type_ or (), teacher, district)
    servers = kafka(kafka_bootstrap_servers)
    topics = tuple(SERVICES[each].topic for each in chosen)
    show = _show(as_json)
    on_engines(lambda: _tail(servers, topics, wanted, show, seconds))


def _wanted(types: Collection[str], teacher: str, district: str) -> Callable[[Passed], bool]:
    """Raises Stop USAGE where no event is of such a type."""
    from services.ctl.event_text import event_types

    names = {each.rpartition(".")[2] for each in event_types()}
    for each in types:
        if not any(fnmatchcase(name, each) for name in names):
            raise Stop(Exit.USAGE, f"no event is a {each}; docs/events.md has all types")

    def wanted(passed: Passed) -> bool:
        return (
            (not types or any(fnmatchcase(passed.type, each) for each in types))
            and (not teacher or passed.about == teacher)
            and (not district or passed.district == district)
        )

    return wanted


def _show(as_json: bool) -> Callable[[Passed], None]:
    from services.ctl import event_text

    if as_json:
        return lambda passed: console.as_json(event_text.as_json(passed), line=True)
    if not sys.stdout.isatty():
        return lambda passed: console.data(event_text.line(passed).plain)
    terminal = console.terminal()
    return lambda passed: terminal.print(
        event_text.line(passed), no_wrap=True, overflow="ellipsis", crop=True
    )


async def _tail(
    servers: str,
    topics: tuple[str, ...],
    wanted: Callable[[Passed], bool],
    show: Callable[[Passed], None],
    seconds: float,
) -> None:
    from services.chassis.log import tail as log
    from services.ctl.event_text import read

    try:
        async with (
            asyncio.timeout(seconds or None),
            aclosing(log.tail(servers, topics, kafka_proof())) as batches,
        ):
            await anext(batches)  # it listens
            console.tell(f"listening to {', '.join(topics)} at {servers}; Ctrl-C ends it")
            async for batch in batches:
                _each(filter(wanted, map(read, batch)), show)
    except TimeoutError:
        return


def _each(passed: Iterable[Passed], show: Callable[[Passed], None]) -> None:
    for one in passed:
        show(one)
