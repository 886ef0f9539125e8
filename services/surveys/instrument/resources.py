"""Answers about instruments, over REST and gRPC."""

from __future__ import annotations

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.surveys.instrument.domain import (
    Instrument,
    InstrumentState,
    InstrumentSummary,
    ScaleKind,
    ValidationStatus,
)


class ScaleResource(Resource):
    scale_id: str
    kind: ScaleKind
    values: list[int]
    labels: list[str]
    favorable_from: int


class ItemResource(Resource):
    item_id: str
    text: str
    construct_id: str
    source: str
    license: str
    scale_id: str
    reversed: bool


class InstrumentSummaryResource(Acted):
    """An instrument without its scales and the texts of its items."""

    instrument_id: str
    state: InstrumentState
    title: str
    item_ids: list[str]
    constructs: list[str]
    validation_status: ValidationStatus
    license: str
    drafted_by_id: str | None
    drafted_by_name: str | None = name_of("drafted_by_id")
    language: str | None
    minutes: int | None
    version: int


class InstrumentResource(Acted):
    instrument_id: str
    state: InstrumentState
    title: str
    scales: list[ScaleResource]
    items: list[ItemResource]
    constructs: list[str]
    validation_status: ValidationStatus
    license: str
    drafted_by_id: str | None
    drafted_by_name: str | None = name_of("drafted_by_id")
    language: str | None
    minutes: int | None
    version: int


class InstrumentPage(PageResource):
    instruments: list[InstrumentSummaryResource]


def instrument_summary(instrument: InstrumentSummary) -> InstrumentSummaryResource:
    return InstrumentSummaryResource(
        instrument_id=instrument.id,
        state=instrument.state,
        title=instrument.title,
        item_ids=[each.id for each in instrument.items],
        constructs=list(instrument.constructs),
        validation_status=instrument.validation_status,
        license=instrument.license,
        drafted_by_id=instrument.drafted_by or None,
        language=instrument.language or None,
        minutes=instrument.minutes or None,
        version=instrument.version,
    )


def instrument_resource(instrument: Instrument) -> InstrumentResource:
    """One instrument with its items and scales."""
    return InstrumentResource(
        instrument_id=instrument.id,
        state=instrument.state,
        title=instrument.title,
        scales=[
            ScaleResource(
                scale_id=each.id,
                kind=each.kind,
                values=list(each.values),
                labels=list(each.labels),
                favorable_from=each.favorable_from,
            )
            for each in instrument.scales
        ],
        items=[
            ItemResource(
                item_id=each.id,
                text=each.text,
                construct_id=each.construct,
                source=each.source,
                license=each.license,
                scale_id=each.scale_id,
                reversed=each.reversed,
            )
            for each in instrument.items
        ],
        constructs=list(instrument.constructs),
        validation_status=instrument.validation_status,
        license=instrument.license,
        drafted_by_id=instrument.drafted_by or None,
        language=instrument.language or None,
        minutes=instrument.minutes or None,
        version=instrument.version,
    )
