"""`tandem doctor`: looks at a deployment, and says what is right, what is wrong and what to do."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.ctl import console
from services.ctl.engines_target import (
    DatabaseName,
    Kafka,
    MongodbUri,
    ServiceNames,
    opened,
    services_of,
)
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json, Url, addresses, addresses_of, local

if TYPE_CHECKING:
    from services.chassis.engine_settings import EngineSettings
    from services.ctl.doctor.finding import Finding

PATIENCE_SECONDS = 5.0
NEEDED = "--mongodb-uri (MONGODB_URI) and --kafka-bootstrap-servers (KAFKA_BOOTSTRAP_SERVERS)"


def doctor(
    service: ServiceNames = None,
    url: Url = "",
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="SERVICE=URL of one service; may be repeated."),
    ] = None,
    districts_file: Annotated[
        str,
        typer.Option(
            envvar="DISTRICTS_FILE", help="Default: the local stack's.", show_default=False
        ),
    ] = "",
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    kafka_bootstrap_servers: Kafka = "",
    seconds: Annotated[
        float, typer.Option(min=1, max=120, help="How long each check may take.")
    ] = 20.0,
    bundle: Annotated[
        str,
        typer.Option(
            help="Also write what was found into this zip, for those who help; -: to stdout, and"
            " the lines to stderr."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Look at engines, topics, indexes, views, duties, issuers, certificates and services as the
    services themselves are told of them. Changes nothing, and shows no secret."""
    from services.chassis.engine_settings import EngineSettings
    from services.chassis.settings import BadSettings, load
    from services.ctl.doctor.finding import Finding, Verdict
    from services.ctl.doctor.redacted import Redactor, write_bundle
    from services.ctl.doctor.redacted import as_json as report
    from services.ctl.local.ensure import bootstrap_of

    piped = bundle == "-"
    if piped and as_json:
        raise Stop(Exit.USAGE, "--bundle -: not with --json, which is written to stdout, too")
    databases = services_of(service, mongodb_database)
    given = {"mongodb_uri": mongodb_uri, "kafka_bootstrap_servers": kafka_bootstrap_servers}
    told: dict[str, Any] = {name: value for name, value in given.items() if value}
    told["environment"] = os.environ.get("ENVIRONMENT", "development")
    urls = _urls(url, at or [], databases)
    try:
        settings = load(EngineSettings, **told)
        if not given.keys() <= settings.model_fields_set:
            here = local(NEEDED)
            told |= {"mongodb_uri": here.stack.mongodb} if not mongodb_uri else {}
            told |= {"kafka_bootstrap_servers": here.stack.kafka}
            urls = urls or addresses_of(here.stack)
            districts_file = districts_file or str(here.folder / "districts.yaml")
            settings = load(EngineSettings, **told)
        loaded = {name: load(bootstrap_of(name).Settings, **told) for name in databases}
    except BadSettings as error:
        do = "mend them: a process does not start with them"
        findings: Sequence[Finding] = [Finding("settings", "", Verdict.WRONG, str(error), do)]
        settings = EngineSettings.model_construct()
    else:
        right = Finding("settings", "", Verdict.RIGHT, "fit together")
        urls = {name: base for name, base in urls.items() if name in databases}
        trusted = {name: each.access_trusted_seconds for name, each in loaded.items()}
        found = asyncio.run(_found(settings, databases, urls, trusted, districts_file, seconds))
        findings = [right, *found]
    redactor = Redactor(settings)
    if bundle:
        try:
            write_bundle(bundle, findings, settings, redactor)
        except OSError as error:
            raise Stop(Exit.USAGE, f"--bundle: cannot be written ({error.strerror})") from None
    if as_json:
        console.as_json(report(findings, redactor))
    else:
        for each in findings:
            line = redactor.text(each.line())
            console.tell(line) if piped else console.data(line)
    wrong = sum(each.state is Verdict.WRONG for each in findings)
    console.tell(f"{wrong} wrong of {len(findings)}")
    if wrong:
        raise typer.Exit(Exit.PROBLEMS)


def _urls(url: str, at: Sequence[str], databases: Mapping[str, str]) -> dict[str, str]:
    found = addresses(url) if url else {}
    for each in at:
        name, equals, base = each.partition("=")
        if not equals or name not in databases or not base.startswith(("http://", "https://")):
            raise Stop(Exit.USAGE, "--at is SERVICE=URL, such as goals=http://goals:8080")
        found[name] = base.rstrip("/")
    return found


async def _found(
    settings: EngineSettings,
    databases: Mapping[str, str],
    urls: Mapping[str, str],
    trusted: Mapping[str, float],
    districts_file: str,
    seconds: float,
) -> Sequence[Finding]:
    from services.chassis.log.connections import Proof
    from services.ctl.doctor.examine import examine
    from services.ctl.doctor.finding import Case

    with opened(settings.mongodb_uri.get_secret_value(), databases) as stores:
        case = Case(
            settings=settings,
            databases=databases,
            urls=urls,
            trusted=trusted,
            districts_file=districts_file,
            stores=stores,
            proof=lambda: Proof(settings.kafka_security()),
            now=lambda: datetime.now(UTC),
            patience=min(PATIENCE_SECONDS, seconds / 2),
        )
        return await examine(case, seconds)
