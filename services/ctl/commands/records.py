"""Of `tandem privacy`: all that is held about a person, into a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.ctl import console
from services.ctl.commands.looks import District, own_token
from services.ctl.exits import Exit, Stop
from services.ctl.records import Fetched, JsonWriter, Writer, written
from services.ctl.target import Json, Token, Url, addresses

ME = "me"
FILES = (".json", ".html")


def export(
    file: Annotated[
        Path, typer.Argument(help="Where to: FILE.json for machines, or FILE.html to read.")
    ],
    district: District,
    person: Annotated[
        str,
        typer.Option(
            help="Whose, by her id in the roster: takes the role records_officer for her. "
            "Without it what is held about you.",
            show_default=False,
        ),
    ] = ME,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Write all that every service holds about a person, for a records request.

    Exit code 7: something could not be read and is not in it.
    """
    if file.suffix not in FILES:
        raise Stop(Exit.USAGE, f"{file.name}: its name ends with {' or '.join(FILES)}")
    told = asyncio.run(
        write_records(addresses(url), own_token(district, token), district, person, file)
    )
    if as_json:
        console.as_json({"file": str(file), **told})
    else:
        lacks = f", {told['left_out']} could not be read" if told["left_out"] else ""
        console.data(f"{file}: {told['count']} things{lacks}")
    if told["left_out"]:
        raise typer.Exit(Exit.PROBLEMS)


async def write_records(
    services: Mapping[str, str], token: str, district: str, person: str, place: Path
) -> Mapping[str, int]:
    """How many things stand in the file, and how many could not be read. Raises Stop; then there is
    no file."""
    from services.ctl.client import open_api
    from services.ctl.records_html import HtmlWriter

    async with open_api(services) as api:
        if person == ME:
            me = await api.send(token, "GET", "roster", "/me", district=district)
            person = me.body["person_id"]
        fetched = Fetched(api, token, district, person)
        with written(place) as file:
            writer: Writer = JsonWriter(file)
            if place.suffix == ".html":
                writer = HtmlWriter(file, person)
            made_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            about = {"district_id": district, "person_id": person, "made_at": made_at}
            writer.begin(about)
            async for service, thing in fetched.things():
                writer.add(service, thing)
            writer.end(fetched.count, fetched.left_out)
    return {"count": fetched.count, "left_out": fetched.left_out}
