"""Of `tandem privacy`: everything of a district is deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.engines_target import MongodbUri, mongodb, on_engines, opened, services_of
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json


def erase_district(
    district: Annotated[str, typer.Argument(help="Which one, by its id in the districts file.")],
    confirm: Annotated[
        str, typer.Option(help="The same once more: it is deleted, for good. Else it is counted.")
    ] = "",
    mongodb_uri: MongodbUri = "",
    as_json: Json = False,
) -> None:
    """Count what all services keep of a district, or delete it, for good.

    Take it out of the districts file first, and let the services restart. Ended anywhere, the same
    again goes on. Refused while a legal hold is on anybody. Exit code 7 where somebody still
    writes of it.
    """
    if confirm and confirm != district:
        raise Stop(Exit.USAGE, f"--confirm says {confirm}, not {district}: nothing was deleted")
    uri = mongodb(mongodb_uri)

    async def work() -> dict[str, Any]:
        from services.chassis.kernel import SystemClock
        from services.ctl.district_erasure import DistrictErasure, Held

        async def pause(span: timedelta) -> None:
            console.tell(f"waiting for {span.total_seconds():.0f} s, so that all services know")
            await asyncio.sleep(span.total_seconds())

        def told(service: str, collection: str, deleted: int) -> None:
            console.tell(f"{service}/{collection}: {deleted} deleted")

        with opened(uri, services_of(None, "")) as databases:
            erasure = DistrictErasure(databases, district, SystemClock().now, pause, told)
            try:
                if confirm:
                    return await erasure.run()
                return {"district": district, "found": await erasure.counted()}
            except Held as held:
                why = f"a legal hold is on {held}: nothing was deleted"
                raise Stop(Exit.REFUSED, why) from None

    report = on_engines(work)
    tell(report, as_json)


def tell(report: Mapping[str, Any], as_json: bool) -> None:
    """Raises typer.Exit PROBLEMS where something of it is left."""
    if as_json:
        at = {"erased_at": report["erased_at"].isoformat()} if "erased_at" in report else {}
        console.as_json({**report, **at})
    else:
        _show(report)
    if report.get("left"):
        raise typer.Exit(Exit.PROBLEMS)


def _show(report: Mapping[str, Any]) -> None:
    district, dry = report["district"], "found" in report
    for service, counts in report["found" if dry else "deleted"].items():
        each = ", ".join(f"{count} of {name}" for name, count in sorted(counts.items()))
        console.data(f"{service}: {each or 'nothing'}")
    if dry:
        console.data(f"nothing was deleted: --confirm {district} deletes all of it, for good")
        return
    for service, counts in report["left"].items():
        each = ", ".join(f"{count} of {name}" for name, count in sorted(counts.items()))
        console.data(f"{service}: {each} there again: is it still in the districts file?")
    from services.chassis.views.erased import RETAINED

    until = (report["erased_at"] + RETAINED).date().isoformat()
    console.data(f"{district} was erased at {report['erased_at'].isoformat()}; one record says so")
    console.data(f"its events are in Kafka until {until}, and in backups as long as these are kept")
