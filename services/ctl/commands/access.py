"""`tandem access`: who may do what, and why."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.assembly.registry import SERVICES
from services.ctl import console
from services.ctl.engines_target import DatabaseName, MongodbUri, mongodb, on_engines, opened
from services.ctl.exits import Exit, Stop
from services.ctl.local.stack import DISTRICT
from services.ctl.target import Json, local

if TYPE_CHECKING:
    from services.access.explaining import Explained

app = typer.Typer(help="Who may do what, and why.", no_args_is_help=True)


@app.callback()
def _access() -> None: ...


@app.command()
def explain(
    who: Annotated[str, typer.Option(help="The id of the person who would ask.")],
    whom: Annotated[str, typer.Option(help="The id of the teacher whose things she asks for.")],
    service: Annotated[str, typer.Option(help="Whose operations; each has its own view.")],
    what: Annotated[
        str, typer.Option(help="One operation, such as get_goal. Default: all of the service.")
    ] = "",
    district: Annotated[str, typer.Option(help="The district of both.")] = DISTRICT,
    districts_file: Annotated[
        str,
        typer.Option(
            envvar="DISTRICTS_FILE", help="Default: the local stack's.", show_default=False
        ),
    ] = "",
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    as_json: Json = False,
) -> None:
    """What decides whether a person may do something with what is a teacher's: the relation and
    the grant that let her in, whom the rule lets in and what the teacher shows, or what each rule
    found instead. As the service's own access view has it at this moment. Shows nothing of what the
    things hold."""
    if service not in SERVICES:
        raise Stop(Exit.USAGE, f"--service is one of {', '.join(SERVICES)}")
    uri = mongodb(mongodb_uri)
    path = districts_file or str(_local_districts())
    database = mongodb_database or SERVICES[service].database
    found = on_engines(lambda: _explained(service, uri, database, path, district, who, whom, what))
    if as_json:
        console.as_json([asdict(each) for each in found])
        return
    for each in found:
        console.data(f"{each.operation}  {in_words(each)}")


def in_words(each: Explained) -> str:
    """What decides of one operation, in a line."""
    if not each.relation:
        return f"no: {'; '.join(each.why)}"
    grant = f" by the grant {each.grant}" if each.grant else ""
    shown = f"; the teacher shows: {', '.join(each.shown)}" if each.shown else ""
    return f"yes, as {each.relation}{grant} (it lets in: {', '.join(each.rule)}{shown})"


def _local_districts() -> Path:
    from services.ctl.local.districts import NAME

    return local("--districts-file (DISTRICTS_FILE)").folder / NAME


async def _explained(
    service: str,
    uri: str,
    database: str,
    districts_file: str,
    district: str,
    who: str,
    whom: str,
    what: str,
) -> list[Explained]:
    """Raises Stop USAGE or, for an unknown operation or district, NOT_FOUND."""
    from services.access.access import Access
    from services.access.days import Days
    from services.access.directory import CachedDirectory
    from services.access.districts import load_districts
    from services.access.explaining import explain
    from services.assembly.access_rows import AccessRowsOf
    from services.chassis.backing import MongoRows
    from services.chassis.kernel import SystemClock
    from services.chassis.settings import BadSettings
    from services.ctl.local.ensure import bootstrap_of

    policies = dict(bootstrap_of(service).policies())
    if what and what not in policies:
        raise Stop(Exit.NOT_FOUND, f"{service} has no operation {what}: {', '.join(policies)}")
    try:
        environment = os.environ.get("ENVIRONMENT", "development")
        districts = load_districts(districts_file, environment)
    except BadSettings as error:
        raise Stop(Exit.USAGE, str(error)) from None
    if district not in districts.by_name:
        there = ", ".join(districts.by_name)
        raise Stop(Exit.NOT_FOUND, f"there is no district {district}; there are {there}")
    if what:
        policies = {what: policies[what]}
    with opened(uri, {service: database}) as found:
        rows = AccessRowsOf(service, MongoRows(found[service]))
        directory = CachedDirectory(rows, seconds=60)
        access = Access(policies, directory, SystemClock(), Days(districts))
        return await explain(access, policies, district, who, whom)
