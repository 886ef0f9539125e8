"""`tandem roster calendar`: of a school year, what no roster file tells."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from services.ctl import console
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.target import Json, Token, Url, addresses, token_for

if TYPE_CHECKING:
    from services.roster.calendar.domain import CalendarStatement, DaysOff, SpecialDays, Term

app = typer.Typer(help="A district's days of school, and those without.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV file: date,title or first,last,title, with type and school where wanted; "
            "dates as YYYY-MM-DD.",
            dir_okay=False,
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
    """State a school year of the district, and where schools that the file names differ from it.

    What the file says of each takes the place of what was stated before; of a school that it does
    not name nothing changes, nor of the district where it names schools alone. The same file again
    changes nothing. With a mistake in it, such as a school that the roster does not have, nothing
    is changed, and each is listed with its line (exit code 7).
    """
    from services.ctl.calendar_csv import SaidOfDays, read_calendar

    try:
        found = read_calendar(file.read_bytes())
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{file}: {error.strerror}") from None
    year = school_year or found.school_year()
    if year is None and not found.mistakes:
        raise Stop(Exit.USAGE, f"{file} has no day: say which year it is of with --school-year")
    found.check(year or 0)
    if not found.mistakes:
        token = token_for(district, token, "roster.write", "orgs.read")
        if found.schools:
            found.check_schools(asyncio.run(_schools(addresses(url), token, district)))
    report: dict[str, Any] = {
        "district": district,
        "school_year": year,
        "rows": found.rows,
        "dry_run": dry_run,
        "calendars": [],
        "problems": [asdict(each) for each in found.mistakes],
    }
    if not found.mistakes:
        said = found.said or {"": SaidOfDays()}
        bodies = {school: _body(said[school].statement()) for school in sorted(said)}
        stating = _state(addresses(url), token, district, year, bodies, dry_run)
        report["calendars"] = asyncio.run(stating)
    if as_json:
        console.as_json(report)
    else:
        _show(file, report)
    if found.mistakes:
        raise typer.Exit(Exit.PROBLEMS)


def _body(said: CalendarStatement) -> dict[str, Any]:
    stated = said.sorted()
    return {
        "days_without_school": [_entry(each) for each in stated.days],
        "special_days": [
            {**_entry(each), "day_type": each.day_type.value} for each in stated.special
        ],
        "terms": [_entry(each) for each in stated.terms],
    }


def _entry(each: DaysOff | SpecialDays | Term) -> dict[str, str]:
    return {"first_date": each.first, "last_date": each.last, "title": each.title}


async def _schools(services: dict[str, str], token: str, district: str) -> set[str]:
    from services.ctl.client import open_api

    async with open_api(services) as api:
        orgs = await api.pages(token, "roster", "/orgs", "orgs", district=district)
    return {each["org_id"] for each in orgs if each["type"] == "school"}


async def _state(
    services: dict[str, str],
    token: str,
    district: str,
    year: int | None,
    bodies: dict[str, dict[str, Any]],
    dry_run: bool,
) -> list[dict[str, Any]]:
    """Of the district, by "", and of each school, whether that is, or would be, a change."""
    from services.ctl.client import open_api

    report = []
    async with open_api(services) as api:
        for school, body in bodies.items():
            path = f"/calendars/{year}"
            if school:
                path += f"/schools/{quote(school, safe='')}"
            try:
                answer = await api.send(token, "GET", "roster", path, district=district)
                stated = {name: answer.body.get(name) for name in body}
            except Refused as refused:
                if refused.status != 404:
                    raise
                stated = None
            if stated != body and not dry_run:
                await api.send(token, "PUT", "roster", path, body, district=district)
            report.append({"school_org_id": school or None, "changed": stated != body})
    return report


def _show(file: Path, report: dict[str, Any]) -> None:
    for each in report["problems"]:
        place = f"{file.name}:{each['line']}" if each["line"] else file.name
        column = f" {each['column']}" if each["column"] else ""
        console.data(f"{place}{column}: {each['reason']}")
    if report["problems"]:
        return
    year, would = report["school_year"], "would be " if report["dry_run"] else ""
    for each in report["calendars"]:
        what = f"{would}stated" if each["changed"] else "the same as before"
        school = each["school_org_id"]
        of = f"{report['district']}, school {school}" if school else report["district"]
        console.data(f"{of}, {year - 1}-{year}: {what}")
