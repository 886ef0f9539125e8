"""Answers about measures, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.fields import PageResource
from services.goals.measure.domain import Direction, Measure


class MeasureResource(Acted):
    """What a code that goals name means."""

    measure_id: str
    title: str
    unit: str
    direction: Direction
    retired: bool
    stated_at: datetime
    version: int


class MeasurePage(PageResource):
    measures: list[MeasureResource]


def measure_resource(measure: Measure) -> MeasureResource:
    return MeasureResource(
        measure_id=measure.code,
        title=measure.said.title,
        unit=measure.said.unit,
        direction=measure.said.direction,
        retired=measure.said.retired,
        stated_at=measure.stated_at,
        version=measure.version,
    )
