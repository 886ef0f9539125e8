"""`tandem roster`: the district's people, classes and calendar."""

from __future__ import annotations

import asyncio
import math
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.ctl.commands import (
    calendar,
    experience,
    roster_imports,
    roster_matches,
    roster_people,
    roster_pull,
    roster_watch,
    turn_year,
)
from services.ctl.commands.roster_sending import Sending
from services.ctl.examples import examples
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json, Token, Url

app = typer.Typer(help="Import rosters.", no_args_is_help=True)
app.add_typer(calendar.app, name="calendar")
app.add_typer(roster_imports.app, name="imports")
app.add_typer(roster_people.app, name="people")
app.add_typer(roster_matches.app, name="matches")
app.command("experience")(experience.experience)
app.command("turn-year")(turn_year.turn_year)
app.command(
    "pull",
    epilog=examples(
        "tandem roster pull --district lakewood --districts-file districts.yaml --dry-run"
    ),
)(roster_pull.pull)
app.command("watch", epilog=examples("tandem roster watch . --district lakewood"))(
    roster_watch.watch
)


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

    It is imported by the service: what ends this command ends no import, and
    `tandem roster imports` shows what becomes of it.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{file}: {error.strerror}") from None
    options = {"validate_only": dry_run, "allow_removals": allow_removals}
    told = Sending(district, options, report, url, token, as_json)
    if asyncio.run(told.send(content))["problem_count"]:
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
