"""`tandem covers`: who takes the classes of teachers who are away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.ctl import console
from services.ctl.roster_things import all_of, send, show
from services.ctl.roster_things import change as change_of
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(help="Who takes the classes of teachers who are away.", no_args_is_help=True)

District = Annotated[str, typer.Option(help="The district whose covers they are.")]
Classes = Annotated[
    list[str] | None,
    typer.Option("--class", help="A class that is covered; may be repeated. Default: all."),
]
KEPT = ("class_ids", "reason_kind", "end_date")  # of a cover that is changed
WHY = "absence, leave, professional_learning, release or other_duty."
Day = Annotated[str, typer.Option(help="YYYY-MM-DD", metavar="DAY", show_default=False)]


@app.callback()
def _group() -> None: ...


@app.command()
def enter(
    teacher: Annotated[str, typer.Argument(help="Who is away.")],
    substitute: Annotated[str, typer.Argument(help="Who takes her classes.")],
    district: District,
    reason: Annotated[str, typer.Option(help=f"Its kind: {WHY}")],
    last: Annotated[str, typer.Option(help="Its last day, YYYY-MM-DD.", metavar="DAY")],
    first: Day = "",
    class_: Classes = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say who takes the classes of a teacher who is away.

    From --first (default: today) to --last, both of one school year.
    """
    body: dict[str, Any] = {"teacher_id": teacher, "substitute_id": substitute}
    body |= {"reason_kind": reason, "end_date": last, "class_ids": class_ or []}
    body |= {"begin_date": first} if first else {}
    _told(_sent(url, token, district, "/covers", body), as_json)


@app.command("list")
def list_(
    district: District,
    teacher: Annotated[str, typer.Option(help="Who is away.", show_default=False)] = "",
    substitute: Annotated[str, typer.Option(help="Who covers.", show_default=False)] = "",
    ending_from: Annotated[
        str,
        typer.Option(
            metavar="DAY",
            help="Only those whose last day is this one or later, the next to end first.",
            show_default=False,
        ),
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Those that were ended, too.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the covers of a district, the newest first."""
    asked = {"teacher_id": teacher, "substitute_id": substitute, "ending_from": ending_from}
    asked |= {} if every else {"state": "open"}
    params = {name: value for name, value in asked.items() if value}
    token = token_for(district, token, "covers.read")
    found = asyncio.run(all_of(addresses(url), token, district, "covers", params))
    show(district, "covers", found, line, as_json)


@app.command()
def change(
    cover: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    reason: Annotated[str, typer.Option(help=f"Its kind: {WHY}", show_default=False)] = "",
    first: Day = "",
    last: Day = "",
    class_: Classes = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Change the classes or the days of a cover. What is not named stays as it is."""
    named = {"reason_kind": reason, "begin_date": first, "end_date": last, "class_ids": class_}
    changed = {name: value for name, value in named.items() if value}
    token = token_for(district, token, "covers.read", "covers.write")
    asked = change_of(addresses(url), token, district, f"covers/{cover}", KEPT, changed)
    _told(asyncio.run(asked), as_json)


@app.command()
def end(
    cover: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """End a cover before its last day, or take it back: it counts no more from now on."""
    _told(_sent(url, token, district, f"/covers/{quote(cover, safe='')}/end", None), as_json)


def line(cover: Mapping[str, Any]) -> str:
    """A cover on one line."""
    names = [each["class_title"] or each["class_id"] for each in cover["classes"]]
    away = cover["teacher_name"] or cover["teacher_id"]
    by = cover["substitute_name"] or cover["substitute_id"]
    ended = "" if cover["state"] == "open" else " (ended)"
    days = f"{cover['begin_date']} to {cover['end_date']}"
    return f"{cover['cover_id']}: {by} for {away}, {days}, {', '.join(names)}{ended}"


def _told(cover: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        console.as_json(cover)
    else:
        console.data(line(cover))


def _sent(url: str, token: str, district: str, path: str, body: dict[str, Any] | None) -> Any:
    token = token_for(district, token, "covers.read", "covers.write")
    return asyncio.run(send(addresses(url), token, district, path, body))
