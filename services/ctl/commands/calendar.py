"""`tandem roster calendar`: the days without school that no roster file tells."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(help="A district's days without school.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV file: date,title or first,last,title; dates as YYYY-MM-DD.", dir_okay=False
        ),
    ],
    district: Annotated[str, typer.Option(help="The district that the file is of.")],
    school_year: Annotated[
        int | None,
        typer.Option(
            min=2000,
            max=2100,
            help="The year the school year ends in. Default: that of the file's first day.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and report, change nothing.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """State all days without school of one school year, in place of those stated before.

    The same file again changes nothing. With a mistake in it nothing is changed, and each is
    listed with its line (exit code 7).
    """
    from services.ctl.calendar_csv import read_calendar

    try:
        found = read_calendar(file.read_bytes())
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{file}: {error.strerror}") from None
    year = school_year or found.school_year()
    if year is None and not found.mistakes:
        raise Stop(Exit.USAGE, f"{file} has no day: say which year it is of with --school-year")
    found.check(year or 0)
    report: dict[str, Any] = {
        "district": district,
        "school_year": year,
        "spans": len(found.days),
        "dry_run": dry_run,
        "changed": False,
        "problems": [asdict(each) for each in found.mistakes],
    }
    if not found.mistakes:
        days = [
            {"first_date": each.first, "last_date": each.last, "title": each.title}
            for each in sorted(found.days)
        ]
        token = token_for(district, token, "roster.write")
        stating = _state(addresses(url), token, district, year, days, dry_run)
        report["changed"] = asyncio.run(stating)
    if as_json:
        console.as_json(report)
    else:
        _show(file, report)
    if found.mistakes:
        raise typer.Exit(Exit.PROBLEMS)


async def _state(
    services: dict[str, str],
    token: str,
    district: str,
    year: int | None,
    days: list[Any],
    dry_run: bool,
) -> bool:
    """Whether that is, or would be, a change."""
    from services.ctl.client import open_api

    path = f"/calendars/{year}"
    async with open_api(services) as api:
        try:
            answer = await api.send(token, "GET", "roster", path, district=district)
            stated = answer.body["days_without_school"]
        except Refused as refused:
            if refused.status != 404:
                raise
            stated = None
        if stated == days or dry_run:
            return bool(stated != days)
        body = {"days_without_school": days}
        await api.send(token, "PUT", "roster", path, body, district=district)
    return True


def _show(file: Path, report: dict[str, Any]) -> None:
    for each in report["problems"]:
        place = f"{file.name}:{each['line']}" if each["line"] else file.name
        column = f" {each['column']}" if each["column"] else ""
        console.data(f"{place}{column}: {each['reason']}")
    if report["problems"]:
        return
    year, would = report["school_year"], "would be " if report["dry_run"] else ""
    what = f"{would}stated" if report["changed"] else "the same as before"
    rows = f"{report['spans']} rows of days without school"
    console.data(f"{report['district']}, {year - 1}-{year}: {rows}, {what}")
