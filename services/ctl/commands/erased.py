"""Of `tandem privacy`: whether anything of what was erased is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.engines_target import (
    Kafka,
    MongodbUri,
    kafka,
    kafka_proof,
    mongodb,
    on_engines,
    opened,
    services_of,
)
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json


def verify_erasure(
    person: Annotated[str, typer.Argument(help="A person, by her id in the roster.")],
    district: Annotated[str, typer.Option(help="Whose records they were.")],
    artifact: Annotated[
        str, typer.Option(help="One thing of hers, by its id, of which alone it was ordered.")
    ] = "",
    mongodb_uri: MongodbUri = "",
    kafka_bootstrap_servers: Kafka = "",
    as_json: Json = False,
) -> None:
    """Look in all databases whether anything says more of what was erased than that it is gone.

    In documents, journals, drafts, answers, parked events and every build of every view, once these
    have read what is published. Exit code 7 where something does, or the order is not done.
    """
    uri, servers = mongodb(mongodb_uri), kafka(kafka_bootstrap_servers)

    async def work() -> dict[str, Any]:
        from services.chassis.views.check import CheckFailed
        from services.ctl.erased import ErasureCheck, reaching
        from services.ctl.erasure_orders import PRIVACY, artifact_order, order_of

        with opened(uri, services_of(None, "")) as databases:
            own = databases[PRIVACY]
            if artifact:
                order = await artifact_order(own, district, person, artifact)
            else:
                order = await order_of(own, district, person)
            try:
                return await ErasureCheck(databases, order, reaching(servers, kafka_proof())).run()
            except CheckFailed as error:
                raise Stop(Exit.REFUSED, str(error)) from None

    tell(on_engines(work), as_json)


def tell(report: Mapping[str, Any], as_json: bool) -> None:
    """Raises typer.Exit PROBLEMS where something is left, or the order is not done."""
    if as_json:
        console.as_json(report)
    else:
        _show(report)
    if report["left"] or report["state"] != "done":
        raise typer.Exit(Exit.PROBLEMS)


def _show(report: Mapping[str, Any]) -> None:
    erased = ", ".join(f"{count} of {service}" for service, count in report["erased"].items())
    looked = ", ".join(f"{count} {what}" for what, count in sorted(report["looked"].items()))
    console.data(f"{report['person']}: {report['state']}; erased: {erased}")
    console.data(f"looked through: {looked}; {report['to_dos']} to-dos still name what was erased")
    for each in report["told"]:
        console.data(f"  {each['service']}/{each['place']} {each['aggregate']}: {each['says']}")
    left = report["left"]
    console.data(f"{left} say more than that it is gone" if left else "nothing says more of it")
