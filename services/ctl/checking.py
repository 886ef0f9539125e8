"""Compares one view of one service with the journals, and reads again what it lacks."""

from __future__ import annotations

from typing import Any

from services.chassis.clock import ServiceClock
from services.chassis.log.connections import Proof
from services.chassis.log.noted import end_offsets
from services.chassis.mongo import Database
from services.chassis.views.check import Check, reached
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.rebuild import Journals
from services.chassis.views.rows import Generation
from services.ctl.rebuilding import View


async def check(
    view: View, own: Database, kafka: str, journals: Journals, *, proof: Proof, mend: bool
) -> dict[str, Any]:
    """The report. Raises what `Check.run` does, and SourceDown."""
    views, topics = MongoViews(own), view.projection.topics
    partitions = len(await end_offsets(kafka, topics, proof))

    async def reach(generation: Generation) -> None:
        await reached(views, generation, await end_offsets(kafka, topics, proof))

    work = Check(views, view.projection, ServiceClock(), partitions, reach, mend)
    found = await work.run(journals)
    return {
        "view": view.projection.group,
        "records": found.records,
        "lacking": found.lacking,
        "mended": found.mended,
        "incomplete": found.incomplete,
        "unreadable": found.unreadable,
        "told": [one._asdict() for one in found.told],
    }
