"""`tandem up`: the whole platform on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.ctl.local.stack import local_folder

if TYPE_CHECKING:
    from services.ctl.local.stack import Stack

PEOPLE = {"coach": "coach-01", "teacher": "teacher-0001", "admin": "admin-01"}


def up(
    teachers: Annotated[
        int,
        typer.Option(
            envvar="TANDEM_DEMO_TEACHERS",
            min=25,
            help="Teachers of the demo district, when the databases are empty.",
        ),
    ] = 300,
    demo: Annotated[bool, typer.Option(help="Seed a demo district into empty databases.")] = True,
    districts_file: Annotated[
        str,
        typer.Option(
            envvar="DISTRICTS_FILE",
            help="Districts of your own, beside those of the demo.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Start Kafka, MongoDB and the services, and stay until Ctrl-C.

    Everything is kept in .local (TANDEM_LOCAL): data, logs, keys. KAFKA_BOOTSTRAP_SERVERS and
    MONGODB_URI, where set, win over starting an engine. Of each district `tandem token` signs
    tokens here, also of your own.
    """
    from services.ctl.local.districts import said_by
    from services.ctl.local.lock import only_one
    from services.ctl.local.running import run_stack, until_signal

    folder = local_folder()

    async def begin(stack: Stack) -> None:
        from services.ctl.local.screen import screen

        if demo:
            await _seed(folder, stack, teachers)
        await screen(folder, stack)

    said = said_by(districts_file, demo=demo)
    with only_one(folder):
        asyncio.run(until_signal(run_stack(folder, said, PEOPLE, begin)))


async def _seed(folder: Path, stack: Stack, teachers: int) -> None:
    """Seed empty databases, and finish what was interrupted."""
    from services.ctl import console
    from services.ctl.demo.marker import begun
    from services.ctl.demo.seed import Seeding
    from services.ctl.demo.seeding import is_empty, seed_local, today
    from services.ctl.target import Local

    here = Local(folder, stack)
    if await is_empty(here):
        console.say(f"{stack.address} is open; the demo's past is played into it now")
        await seed_local(here, Seeding(today(here), teachers))
    elif (known := begun(folder)) and not known[1]:
        await seed_local(here, known[0])
