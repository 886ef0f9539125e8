"""`tandem roster pull`: the roster that a district's OneRoster server has."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.client_tokens import CaFile, ClientId, ClientSecretFile, TokenUrl, client_of
from services.ctl.commands.roster_pulled import LAST, since_last, written
from services.ctl.commands.roster_sending import Sending
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json, Token, Url


def pull(
    district: Annotated[str, typer.Option(help="The district whose roster is pulled.")],
    districts_file: Annotated[
        Path,
        typer.Option(
            envvar="DISTRICTS_FILE", help="The file that names its server.", dir_okay=False
        ),
    ],
    since: Annotated[
        str,
        typer.Option(
            help="Only what has changed since then, such as 2026-11-28T00:00:00Z; `last`: since it"
            " was pulled before, and all of it once a week."
        ),
    ] = "",
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
    token_url: TokenUrl = "",
    client_id: ClientId = "",
    client_secret_file: ClientSecretFile = "",
    issuers_ca_file: CaFile = "",
    as_json: Json = False,
) -> None:
    """Pull a roster from the OneRoster server that the districts file names, and import it.

    All of it is read before anything is imported: what is cut short changes nothing.
    """
    since = _instant(since)
    options = {"validate_only": dry_run, "allow_removals": allow_removals}
    client = client_of(district, token, token_url, client_id, client_secret_file, issuers_ca_file)
    sending = Sending(district, options, report, url, token, as_json, client)
    if asyncio.run(_pull(sending, districts_file, since))["problem_count"]:
        raise typer.Exit(Exit.PROBLEMS)


def _instant(said: str) -> str:
    if said in ("", LAST):
        return said
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        told = "--since is an instant with its zone, as 2026-11-28T00:00:00Z, or `last`"
        raise Stop(Exit.USAGE, told)
    return written(at.astimezone(UTC))


async def _pull(sending: Sending, districts_file: Path, since: str) -> Mapping[str, Any]:
    from services.access.districts import load_districts
    from services.chassis.kernel import Fault
    from services.chassis.settings import BadSettings
    from services.roster.imports.pulling.pull import pull as pulled
    from services.roster.imports.pulling.server import Server

    environment = os.environ.get("ENVIRONMENT", "development")
    try:
        told = load_districts(str(districts_file), environment).of(sending.district).oneroster
    except BadSettings as error:
        raise Stop(Exit.USAGE, str(error)) from None
    if told is None:
        where = f"{districts_file} names no oneroster of {sending.district}"
        raise Stop(Exit.NOT_FOUND, where)
    asked_at = datetime.now(UTC)
    # by hand since some day: what was changed before it may be missing, so none begins there
    follows = since in ("", LAST)
    if since == LAST:
        since = await since_last(sending, asked_at)
    with tempfile.TemporaryFile() as file:
        try:
            with console.progress("pulling the roster", None) as advance:
                async with Server(told, heard=advance) as server:
                    await pulled(server, told.version, file, since)
        except Fault as fault:
            gone = fault.code == "source_unavailable"
            code = Exit.UNREACHABLE if gone else Exit.REFUSED
            raise Stop(code, f"{fault.code}: {fault.detail}") from None
        file.seek(0)
        content = await asyncio.to_thread(file.read)
    options = dict(sending.options)
    if follows:
        options["asked_at"] = written(asked_at)
    return await replace(sending, options=options).send(content)
