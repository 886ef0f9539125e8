"""Answers about instruments, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.surveys.instrument.cases import Compared
from services.surveys.instrument.domain import (
    Instrument,
    InstrumentState,
    ScaleKind,
    ValidationStatus,
)
from services.surveys.instrument.outline import InstrumentOutline, InstrumentSummary, Judgement

_PARENT: Any = Field(description="The instrument that it was forked from; null where it is no fork")
_SERIES: Any = Field(
    description="Results of one series may be joined in a trend, others may not: the oldest "
    "instrument whose results are comparable with its own, or itself"
)
_COMPARABLE: Any = Field(
    description="Whether its results may be joined with its parent's; null where it is no fork"
)
_EVIDENCE: Any = Field(
    description="Where it can be read that it is validated; null where nobody said",
    examples=["https://doi.org/10.0000/example"],
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


class JudgementResource(Resource):
    """That a person has said, in place of the rule, whether it is comparable with its parent."""

    reason: Written = Field(description="Why; empty to partners' programs")
    by_id: str = Field(description="Who said so")
    by_name: str | None = name_of("by_id")
    at: datetime = Field(description="When it was said")


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
    parent_id: str | None = _PARENT
    parent_title: str | None = name_of("parent_id", "instrument")
    series_id: str = _SERIES
    comparable: bool | None = _COMPARABLE
    validation_evidence: str | None = _EVIDENCE
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
    parent_id: str | None = _PARENT
    parent_title: str | None = name_of("parent_id", "instrument")
    series_id: str = _SERIES
    comparable: bool | None = _COMPARABLE
    validation_evidence: str | None = _EVIDENCE
    judgement: JudgementResource | None = Field(
        description="Null where the rule says whether it is comparable, and of what is no fork"
    )
    version: int


class RewordedResource(Resource):
    item_id: str
    before: str = Field(description="The words of the parent", examples=["Somebody listened to me"])
    after: str = Field(description="The words of the fork", examples=["A classmate listened to me"])


class InstrumentChangesResource(Resource):
    """How a fork differs from its parent. An item is the same by its id. Of an instrument that is
    no fork all lists are empty. `unchanged_item_ids` are read, answered and counted as in the
    parent: their figures are comparable, whatever else has changed."""

    instrument_id: str
    parent_id: str | None = _PARENT
    added_item_ids: list[str] = Field(description="Those that the parent has not")
    dropped_item_ids: list[str] = Field(description="Those that only the parent has")
    reworded_items: list[RewordedResource] = Field(description="Those in other words")
    rescaled_item_ids: list[str] = Field(
        description="Those that are answered on another scale, with other labels too, or counted "
        "from its other end"
    )
    reassigned_item_ids: list[str] = Field(
        description="Those that are said to measure another construct"
    )
    unchanged_item_ids: list[str] = Field(description="Those whose figures are comparable")
    reordered: bool = Field(description="Whether what is in both is asked in another order")
    comparable_by_rule: bool | None = Field(
        description="Whether no item was added, dropped, reworded or rescaled; null of what is no "
        "fork"
    )
    comparable: bool | None = _COMPARABLE
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
        parent_id=instrument.parent or None,
        series_id=instrument.series,
        comparable=_comparable(instrument),
        validation_evidence=instrument.validation_evidence or None,
        version=instrument.version,
    )


def _comparable(instrument: InstrumentOutline) -> bool | None:
    return instrument.comparable if instrument.parent else None


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
        parent_id=instrument.parent or None,
        series_id=instrument.series,
        comparable=_comparable(instrument),
        validation_evidence=instrument.validation_evidence or None,
        judgement=_judgement(instrument.judgement) if instrument.judgement else None,
        version=instrument.version,
    )


def _judgement(said: Judgement) -> JudgementResource:
    return JudgementResource(reason=said.reason, by_id=said.by, at=said.at)


def changes_resource(compared: Compared) -> InstrumentChangesResource:
    """How one fork differs from its parent."""
    fork, found = compared.instrument, compared.changes
    return InstrumentChangesResource(
        instrument_id=fork.id,
        parent_id=fork.parent or None,
        added_item_ids=list(found.added) if found else [],
        dropped_item_ids=list(found.dropped) if found else [],
        reworded_items=[
            RewordedResource(item_id=each.item_id, before=each.before, after=each.after)
            for each in (found.reworded if found else ())
        ],
        rescaled_item_ids=list(found.rescaled) if found else [],
        reassigned_item_ids=list(found.reassigned) if found else [],
        unchanged_item_ids=list(found.unchanged) if found else [],
        reordered=found is not None and found.reordered,
        comparable_by_rule=found.comparable if found else None,
        comparable=_comparable(fork),
        version=fork.version,
    )
