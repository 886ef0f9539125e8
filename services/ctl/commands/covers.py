"""`tandem covers`: who takes the classes of teachers who are away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.ctl import roster_things
from services.ctl.roster_things import DryRun, all_of, known_people, send, show, tell
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
    dry_run: DryRun = False,
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
    by = _by(url, token, district, *(("roster.read",) if dry_run else ()))
    asked = _would(*by, body) if dry_run else send(*by, "/covers", body)
    tell(asyncio.run(asked), line, as_json, dry_run)


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
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Change the classes or the days of a cover. What is not named stays as it is."""
    named = {"reason_kind": reason, "begin_date": first, "end_date": last, "class_ids": class_}
    changed = {name: value for name, value in named.items() if value}
    by = _by(url, token, district)
    asked = roster_things.change(*by, f"covers/{cover}", KEPT, changed, dry_run)
    tell(asyncio.run(asked), line, as_json, dry_run)


@app.command()
def end(
    cover: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """End a cover before its last day, or take it back: it counts no more from now on."""
    by = _by(url, token, district)
    asked = roster_things.end(*by, f"covers/{cover}", None, dry_run)
    tell(asyncio.run(asked), line, as_json, dry_run)


def line(cover: Mapping[str, Any]) -> str:
    """A cover on one line."""
    titles = {each["class_id"]: each["class_title"] for each in cover.get("classes", ())}
    names = [titles.get(each) or each for each in cover["class_ids"]] or ["all classes"]
    away = cover["teacher_name"] or cover["teacher_id"]
    by = cover["substitute_name"] or cover["substitute_id"]
    ended = "" if cover["state"] == "open" else " (ended)"
    days = f"{cover['begin_date']} to {cover['end_date']}"
    return f"{cover['cover_id']}: {by} for {away}, {days}, {', '.join(names)}{ended}"


async def _would(
    services: Mapping[str, str], token: str, district: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The cover that would be entered, where both are in the roster. Raises Stop."""
    sides = {name: body[f"{name}_id"] for name in ("teacher", "substitute")}
    names = await known_people(services, token, district, list(sides.values()))
    told = {f"{name}_name": names[each] for name, each in sides.items()}
    begins = body.get("begin_date", str(datetime.now(UTC).date()))
    return {"cover_id": "new", **body, **told, "begin_date": begins, "state": "open"}


def _by(url: str, token: str, district: str, *more: str) -> tuple[dict[str, str], str, str]:
    scopes = ("covers.read", "covers.write", *more)
    return addresses(url), token_for(district, token, *scopes), district
