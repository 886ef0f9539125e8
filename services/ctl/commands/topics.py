"""`tandem topics`: the topics of the registry."""

from __future__ import annotations

from typing import Annotated

import typer

from services.ctl import console
from services.ctl.engines_target import Kafka, kafka, kafka_proof, on_engines
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json

app = typer.Typer(help="Kafka's topics.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...


@app.command()
def ensure(
    kafka_bootstrap_servers: Kafka = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is missing.")] = False,
    as_json: Json = False,
) -> None:
    """Make the topics that are missing. Doing it again changes nothing."""
    from services.assembly.registry import TOPICS
    from services.chassis.log.source import TopicsDiffer
    from services.chassis.log.topics import ensure_topics

    servers, proof = kafka(kafka_bootstrap_servers), kafka_proof()
    try:
        made = on_engines(lambda: ensure_topics(servers, TOPICS, dry_run=dry_run, proof=proof))
    except TopicsDiffer as error:
        raise Stop(Exit.REFUSED, str(error)) from None
    if as_json:
        console.as_json({"dry_run": dry_run, "missing" if dry_run else "made": list(made)})
        return
    for name in TOPICS:
        state = "there" if name not in made else "missing" if dry_run else "made"
        console.data(f"{name:<30} {state}")
