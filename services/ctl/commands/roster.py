"""`tandem roster`: the district's people, classes and calendar, from a OneRoster file."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands import calendar, experience, turn_year
from services.ctl.examples import examples
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(help="Import rosters.", no_args_is_help=True)
app.add_typer(calendar.app, name="calendar")
app.command("experience")(experience.experience)
app.command("turn-year")(turn_year.turn_year)
SHOWN = 20
# The codes of what the service would do if it were forced.
HELD = frozenset(
    ("too_many_removals", "unreadable_row", "too_many_roles_lost", "too_many_leave",
     "class_loses_teacher", "class_loses_people")
)  # fmt: skip


# Of a noun's records, and what they are called here.
COLUMNS = {
    "created": "added",
    "changed": "changed",
    "unchanged": "unchanged",
    "removed": "removed",
    "rejected": "rows rejected",
    "held": "held back",
}


@app.callback()
def _group() -> None: ...


@app.command(
    "import",
    epilog=examples(
        "tandem roster import roster.zip --district lakewood --dry-run",
        "tandem roster import roster.zip --district lakewood",
    ),
)
def import_file(
    file: Annotated[Path, typer.Argument(help="A OneRoster CSV zip, 1.2 or 1.1.", dir_okay=False)],
    district: Annotated[str, typer.Option(help="The district that the file is of.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and report, change nothing.")
    ] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Take removals that look like a mistake.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the report as CSV to this file.", dir_okay=False)
    ] = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Import a OneRoster file. Wrong rows are listed and the rest is taken (exit code 7).

    It is imported by the service: what ends this command ends no import.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{file}: {error.strerror}") from None
    token = token_for(district, token, "roster.write")
    params = {"validate_only": dry_run, "allow_removals": allow_removals}
    asked = _import(addresses(url), token, district, content, params, report is not None)
    job, table = asyncio.run(asked)
    if report is not None:
        report.write_text(table, encoding="utf-8", newline="")
    told = job["report"]
    if as_json:
        console.as_json({"district": district, "import_id": job["import_id"], **told})
    else:
        _show(district, told)
    if told["problem_count"]:
        raise typer.Exit(Exit.PROBLEMS)


@app.command(epilog=examples("tandem roster sample > roster.zip"))
def sample(
    teachers: Annotated[int, typer.Option(min=1, max=10_000, help="How many teachers.")] = 10,
) -> None:
    """Write a OneRoster file of an invented district to a file: `tandem roster sample > FILE.zip`.

    It is good for the demo's second district: `tandem roster import FILE.zip --district brookfield`
    changes nothing there, and what you change in it is what the import does.
    """
    from services.access.school_year import school_year_of
    from services.ctl.demo.district import BROOKFIELD, PER_COACH, build_district

    if sys.stdout.isatty():
        raise Stop(Exit.USAGE, "it is a zip: write it to a file, such as `> sample.zip`")
    coaches = math.ceil(teachers / PER_COACH)
    shape = replace(BROOKFIELD, teachers=teachers, coaches=coaches)
    year = school_year_of(datetime.now(UTC).date())
    sys.stdout.buffer.write(build_district(shape, year))
    sys.stdout.flush()


async def _import(
    services: dict[str, str],
    token: str,
    district: str,
    content: bytes,
    params: dict[str, bool],
    with_table: bool,
) -> tuple[dict[str, Any], str]:
    from services.ctl.client import open_api
    from services.ctl.importing import import_file, report_table

    written = 0
    with console.progress("importing the roster", None) as advance:

        def watch(job: Mapping[str, Any]) -> None:
            nonlocal written
            advance(job["done"] - written)
            written = job["done"]

        async with open_api(services) as api:
            job = await import_file(api, token, district, content, params, watch)
            told = ""
            if with_table:
                told = await report_table(api, token, district, job["import_id"])
    return job, told


def _show(district: str, report: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    only_told = report["validate_only"] or report["stopped"]
    table.add_column(f"{district}, would be" if only_told else district)
    for name in COLUMNS.values():
        table.add_column(name, justify="right")
    for noun, counts in report["counts"].items():
        cells = (noun.replace("_", " "), *(counts[name] for name in COLUMNS))
        table.add_row(*map(console.plain, cells))
    console.show(table)
    if report["stopped"]:
        console.data("nothing was changed: the file would remove so much that it looks broken")
    problems = report["problems"]
    for each in problems[:SHOWN]:
        place = f"{each['file']}:{each['line']}" if each["line"] else each["file"]
        column = f" {each['column']}" if each["column"] else ""
        console.data(f"{place}{column}: {each['reason']}")
    if report["problem_count"] > SHOWN:
        console.data(f"... and {report['problem_count'] - SHOWN} more (see --json)")
    if not HELD.isdisjoint(each["code"] for each in problems):
        console.data("what is held back is taken with --allow-removals, if that is meant")
    for each in report.get("notes", ()):
        rows = f"{each['rows']} row{'s' if each['rows'] > 1 else ''}"
        console.data(f"note: {each['file']} {each['column']}, {rows}: {each['reason']}")
