"""`tandem demo`: a district that lives."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.local.stack import DISTRICT
from services.ctl.target import Json, Local, addresses_of, local

app = typer.Typer(help="The demo district: its past, and its people at work.", no_args_is_help=True)


@app.command()
def seed(
    teachers: Annotated[int, typer.Option(min=25, help="Teachers of the first district.")] = 300,
    as_json: Json = False,
) -> None:
    """Import both demo districts and play some weeks of their past, through the public APIs.

    What an interrupted seed left undone is done; the same seed again changes nothing, and a
    larger one adds the teachers that are missing.
    """
    from services.ctl.demo.marker import begun
    from services.ctl.demo.seed import Seeding
    from services.ctl.demo.seeding import seed_local, today

    here = local()
    known = begun(here.folder)
    plan = Seeding(known[0].today if known else today(here), teachers)
    report = asyncio.run(seed_local(here, plan))
    if as_json:
        console.as_json(report)
        return
    counts = ", ".join(f"{name} {count} teachers" for name, count in report["teachers"].items())
    console.data(f"{counts}: {report['requests']} requests in {report['seconds']} s")


@app.command()
def simulate(
    rate: Annotated[
        float, typer.Option(min=0.1, max=2_000, help="Requests a second, over all people.")
    ] = 20,
    seconds: Annotated[float, typer.Option(min=0, help="0: until Ctrl-C.")] = 0,
    coaches: Annotated[int, typer.Option(min=1, help="Most coaches whose teachers work.")] = 12,
    as_json: Json = False,
) -> None:
    """Teachers, coaches and students at work: goals, surveys answered by code, observations.

    Shows what was sent, the latency of writes, and how long after the sending of a write the
    coach's live caseload showed it.
    """
    from services.ctl.demo.measuring import line

    report = asyncio.run(_simulate(local(), rate, seconds, coaches))
    if as_json:
        console.as_json(report)
    else:
        console.data(line(report))


async def _simulate(here: Local, rate: float, seconds: float, coaches: int) -> dict[str, Any]:
    from services.ctl.client import open_api
    from services.ctl.demo.actor import Actor
    from services.ctl.demo.district_now import look
    from services.ctl.demo.measuring import line
    from services.ctl.demo.simulate import Simulation

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_api(addresses_of(here.stack)) as api:
        actor = Actor(api, here.token, DISTRICT)
        console.say("looking at the district ...")
        district = await look(actor, here.partner_token("roster.read"), coaches)
        simulation = Simulation(actor, district, rate)

        def tick() -> None:
            console.again(line(simulation.measured.report()))

        await simulation.run(stop, seconds, tick)
        console.again("")
        return simulation.measured.report()
