"""`tandem roster pull`: the roster that a district's OneRoster server has."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl.client_tokens import CaFile, ClientId, ClientSecretFile, TokenUrl, client_of
from services.ctl.commands.roster_pulled import LAST, since_last, written
from services.ctl.commands.roster_pulling import Pulling
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
    keep: Annotated[
        Path | None,
        typer.Option(
            envvar="TANDEM_PULL_KEEP",
            help="Keep pages in this folder until all is imported: cut short and begun again within"
            " six hours, they are not asked for again.",
            file_okay=False,
        ),
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
    if asyncio.run(_pull(sending, districts_file, since, keep))["problem_count"]:
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


async def _pull(
    sending: Sending, districts_file: Path, since: str, keep: Path | None
) -> Mapping[str, Any]:
    from services.access.districts import load_districts
    from services.chassis.settings import BadSettings

    environment = os.environ.get("ENVIRONMENT", "development")
    try:
        told = load_districts(str(districts_file), environment).of(sending.district).oneroster
    except BadSettings as error:
        raise Stop(Exit.USAGE, str(error)) from None
    if told is None:
        where = f"{districts_file} names no oneroster of {sending.district}"
        raise Stop(Exit.NOT_FOUND, where)
    now = datetime.now(UTC)
    # by hand since some day: what was changed before it may be missing, so none begins there
    follows = since in ("", LAST)
    if since == LAST:
        since = await since_last(sending, now)
    with Pulling(told, since, keep and keep / sending.district, now) as pulling:
        content = await pulling.file()
        options = dict(sending.options)
        if follows:
            options["asked_at"] = written(pulling.began)
        return await replace(sending, options=options).send(content)
