"""`tandem caseload`: what a coach sees of her teachers."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.target import TOKEN, URL, Json, Token, Url, addresses, local

app = typer.Typer(help="A coach's caseload, once or live.", no_args_is_help=True)

Coach = Annotated[
    str,
    typer.Option(
        help="Roster id. Default: the token's owner, or the first coach of the local demo.",
        show_default=False,
    ),
]
Year = Annotated[int, typer.Option(help="The year the school year ends in; 0: the current one.")]


@app.command()
def show(
    coach: Coach = "",
    school_year: Year = 0,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """The caseload as it is now: greatest need of attention first."""
    services, token, coach = _caller(url, token, coach)
    body = asyncio.run(_get(services, token, coach, school_year))
    if as_json:
        console.as_json(body)
        return
    from services.ctl.caseload_table import table

    console.show(table(body))


@app.command()
def watch(
    coach: Coach = "",
    school_year: Year = 0,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
    as_table: Annotated[
        bool, typer.Option("--table", help="The whole caseload, drawn again in place.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="End after so long; 0: at Ctrl-C.")] = 0,
) -> None:
    """The caseload as it changes: one line per change. Goes on by itself after a cut."""
    if as_table and (as_json or not sys.stdout.isatty()):
        raise typer.BadParameter("is for a terminal, and without --json", param_hint="--table")
    services, token, coach = _caller(url, token, coach)
    if as_table:
        asyncio.run(_draw(services, token, coach, school_year, seconds))
    else:
        asyncio.run(_watch(services, token, coach, school_year, as_json, seconds))


def _caller(url: str, token: str, coach: str) -> tuple[dict[str, str], str, str]:
    """Addresses, token and coach; a coach without a token is one of the local demo."""
    if not token:
        here = local(TOKEN if url else f"{URL} and {TOKEN}")
        coach = coach or here.person("coach")
        token = here.token(coach)
    return addresses(url), token, coach


def _params(school_year: int) -> dict[str, Any]:
    return {"school_year": school_year} if school_year else {}


async def _get(services: dict[str, str], token: str, coach: str, school_year: int) -> Any:
    from services.ctl.client import open_api

    path = f"/caseloads/{coach}" if coach else "/caseload"
    async with open_api(services) as api:
        answer = await api.send(token, "GET", "insights", path, params=_params(school_year))
    return answer.body


async def _watch(
    services: dict[str, str],
    token: str,
    coach: str,
    school_year: int,
    as_json: bool,
    seconds: float,
) -> None:
    from services.ctl.caseload_table import line
    from services.ctl.client import open_api
    from services.ctl.sse import follow

    coach = coach or (await _get(services, token, coach, school_year))["coach_id"]
    known: dict[str, Any] = {}
    expected = 0  # entries of a whole caseload that are still to come
    async with open_api(services) as api:
        try:
            async with asyncio.timeout(seconds or None):
                async for event in follow(api, token, coach, _params(school_year)):
                    if as_json:
                        console.as_json({"event": event.kind, **event.data}, line=True)
                    elif event.kind == "reset":
                        expected = int(event.data["entries"])
                        known = {}
                        console.tell(f"watching {expected} teachers of {coach}; Ctrl-C ends it")
                    elif event.kind == "gone":
                        known.pop(event.data["teacher_id"], None)
                        console.data(f"{_clock()}  {event.data['teacher_id']:<22} has left")
                    elif event.kind == "entry":
                        entry = event.data["entry"]
                        if expected > 0:
                            expected -= 1
                        else:
                            before = known.get(entry["teacher_id"])
                            console.data(line(entry, before, datetime.now()))  # noqa: DTZ005 - the watcher's
                        known[entry["teacher_id"]] = entry
        except TimeoutError:
            return


async def _draw(
    services: dict[str, str], token: str, coach: str, school_year: int, seconds: float
) -> None:
    from rich.live import Live

    from services.ctl.caseload_screen import Screen
    from services.ctl.client import open_api
    from services.ctl.sse import follow

    caseload = await _get(services, token, coach, school_year)
    screen = Screen(caseload)
    with Live(screen, console=console.terminal(), refresh_per_second=4):
        async with open_api(services) as api:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds or None):
                    params = _params(school_year)
                    async for event in follow(api, token, caseload["coach_id"], params):
                        screen.hear(event)


def _clock() -> str:
    return f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the watcher's own time
