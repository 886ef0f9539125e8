"""`tandem caseload`: what a coach sees of her teachers."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.examples import examples
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.local.stack import DISTRICT
from services.ctl.target import TOKEN, URL, Json, Token, Url, addresses, check_token, local

app = typer.Typer(help="A coach's caseload, once or live.", no_args_is_help=True)

Coach = Annotated[
    str,
    typer.Option(
        help="Roster id. Default: the token's owner, or the first coach of the local demo.",
        show_default=False,
    ),
]
District = Annotated[
    str,
    typer.Option(
        help="The coach's district. Default: the token's, or the first of the local demo.",
        show_default=False,
    ),
]
Year = Annotated[int, typer.Option(help="The year the school year ends in; 0: the current one.")]


@app.command(
    epilog=examples("tandem caseload show --coach coach-02", "tandem caseload show --json")
)
def show(
    coach: Coach = "",
    district: District = "",
    school_year: Year = 0,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """The caseload as it is now: greatest need of attention first."""
    whose = _whose(url, token, coach, district, school_year)
    with whose.told():
        body = asyncio.run(_get(whose))
    if as_json:
        console.as_json(body)
        return
    from services.ctl.caseload_table import table

    console.show(table(body))
    if not body["entries"]:
        year = body["school_year"]
        console.tell(f"{body['coach_id']} coaches nobody in {year - 1}-{year}")


@app.command(
    epilog=examples("tandem caseload watch --table", "tandem caseload watch --seconds 30 --json")
)
def watch(
    coach: Coach = "",
    district: District = "",
    school_year: Year = 0,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
    as_table: Annotated[
        bool, typer.Option("--table", help="The whole caseload, drawn again in place.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="End after so long; 0: at Ctrl-C.")] = 0,
) -> None:
    """The caseload as it changes: one line per change. After a cut it waits until it can go on."""
    if as_table and (as_json or not sys.stdout.isatty()):
        raise typer.BadParameter("is for a terminal, and without --json", param_hint="--table")
    whose = _whose(url, token, coach, district, school_year)
    with whose.told():
        asyncio.run(_draw(whose, seconds) if as_table else _watch(whose, as_json, seconds))


@dataclass(frozen=True, slots=True)
class _Whose:
    """Where a caseload is asked for, as whom, and which; without a coach her own who asks."""

    services: Mapping[str, str]
    token: str
    coach: str
    district: str
    params: Mapping[str, Any]
    local: bool = False  # the token was made here, for the coach

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Says who is not there, where a coach of the local stack was named."""
        try:
            yield
        except Refused as refused:
            if not self.local or refused.problem != "unknown_person":
                raise
            where = self.district or DISTRICT
            told = f"nobody in {where}'s roster is {self.coach}, or active there"
            raise Stop(Exit.NOT_FOUND, told) from None


def _whose(url: str, token: str, coach: str, district: str, school_year: int) -> _Whose:
    """A coach without a token is one of the local stack."""
    made_here = not token
    if token:
        if district:
            check_token(district, token)
    else:
        here = local(TOKEN if url else f"{URL} and {TOKEN}")
        here.check_district(district or DISTRICT)
        coach = coach or here.person("coach")
        token = here.token(coach, district or DISTRICT)
    params = {"school_year": school_year} if school_year else {}
    return _Whose(addresses(url), token, coach, district, params, made_here)


async def _get(whose: _Whose) -> Any:
    from services.ctl.client import open_api

    path = f"/caseloads/{whose.coach}" if whose.coach else "/caseload"
    async with open_api(whose.services) as api:
        answer = await api.send(
            whose.token, "GET", "insights", path, params=whose.params, district=whose.district
        )
    return answer.body


async def _watch(whose: _Whose, as_json: bool, seconds: float) -> None:
    from services.ctl.caseload_table import line
    from services.ctl.client import open_api
    from services.ctl.sse import follow

    coach = whose.coach or (await _get(whose))["coach_id"]
    known: dict[str, Any] = {}
    expected = 0  # entries of a whole caseload that are still to come
    async with open_api(whose.services) as api:
        try:
            async with asyncio.timeout(seconds or None):
                async for event in follow(
                    api, whose.token, coach, whose.params, whose.district, console.tell
                ):
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


async def _draw(whose: _Whose, seconds: float) -> None:
    from rich.live import Live

    from services.ctl.caseload_screen import Screen
    from services.ctl.client import open_api
    from services.ctl.sse import follow

    caseload = await _get(whose)
    screen = Screen(caseload)
    with Live(screen, console=console.terminal(), refresh_per_second=4):
        async with open_api(whose.services) as api:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds or None):
                    coach = caseload["coach_id"]
                    async for event in follow(
                        api, whose.token, coach, whose.params, whose.district, screen.tell
                    ):
                        screen.hear(event)


def _clock() -> str:
    return f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the watcher's own time
