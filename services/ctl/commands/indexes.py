"""`tandem indexes`: the MongoDB indexes that the services' queries need."""

from __future__ import annotations

from typing import Annotated

import typer

from services.ctl import console
from services.ctl.engines_target import (
    DatabaseName,
    MongodbUri,
    ServiceNames,
    engine_settings,
    mongodb,
    on_engines,
    services_of,
)
from services.ctl.target import Json

app = typer.Typer(help="MongoDB's indexes.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...


@app.command()
def ensure(
    service: ServiceNames = None,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    where_named: Annotated[
        bool,
        typer.Option(
            "--where-named",
            help="Do nothing where no address is given (MONGODB_URI): that of a service which is"
            " new may not be there yet.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the indexes that are missing. Doing it again changes nothing."""
    from services.ctl.local.ensure import ensure_indexes

    databases = services_of(service, mongodb_database)
    if where_named and not mongodb_uri and not is_named():
        if as_json:
            console.as_json({"services": [], "unnamed": list(databases)})
        else:
            console.data(f"{', '.join(databases)}: no address of MongoDB, so no indexes were made")
        return
    uri = mongodb(mongodb_uri)
    on_engines(lambda: ensure_indexes(uri, databases))
    if as_json:
        console.as_json({"services": list(databases)})
        return
    for name, database in databases.items():
        console.data(f"{name:<14}{database:<24}ensured")


def is_named() -> bool:
    return "mongodb_uri" in engine_settings().model_fields_set
