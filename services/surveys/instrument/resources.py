"""Answers about instruments, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.surveys.instrument.cases import ComparedFork
from services.surveys.instrument.domain import (
    Instrument,
    InstrumentState,
    ScaleKind,
    ValidationStatus,
)
from services.surveys.instrument.outline import (
    Audio,
    InstrumentOutline,
    InstrumentSummary,
    Judgement,
    Translation,
)

_PARENT: Any = Field(description="The instrument that it was forked from; null where it is no fork")
_SERIES: Any = Field(
    description="Results of one series may be joined in a trend, others may not: the oldest "
    "instrument whose results are comparable with its own, or itself"
)
_COMPARABLE: Any = Field(
    description="Whether its results may be joined with its parent's; null where it is no fork"
)
_AUDIO: Any = Field(description="Where it can be heard; null: nowhere")
_LANGUAGES: Any = Field(
    description="Those in which it is asked, its own first; empty where nobody said",
    examples=[["en", "es"]],
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


class AudioResource(Resource):
    address: str = Field(
        description="Where it can be heard; Tandem neither fetches nor keeps it",
        examples=["https://files.example.org/i1-en.mp3"],
    )
    license: str = Field(description="The license of what is heard")


class ItemResource(Resource):
    item_id: str
    text: str
    construct_id: str
    source: str
    license: str
    scale_id: str
    reversed: bool
    audio: AudioResource | None = _AUDIO


class ItemWordsResource(Resource):
    item_id: str
    text: str
    audio: AudioResource | None = _AUDIO


class ScaleWordsResource(Resource):
    scale_id: str
    labels: list[str]


class TranslationResource(Resource):
    """The same items and scales in another language."""

    language: str = Field(description="The language of these words, as BCP 47 has it")
    title: str
    items: list[ItemWordsResource] = Field(description="The items in this language")
    scales: list[ScaleWordsResource] = Field(description="The labels in this language")
    missing_ids: list[str] = Field(
        description="The items, then the scales, that have no words in it yet; until there are "
        "some it cannot be published",
        examples=[["i3"]],
    )


class JudgementResource(Resource):
    """That a person has said, in place of the rule, whether it is comparable with its parent."""

    reason: Written = Field(description="Why; empty to partners' programs")
    by_id: str = Field(description="Who said so")
    by_name: str | None = name_of("by_id")
    at: datetime = Field(description="When it was said")


class _Told(Acted):
    instrument_id: str
    state: InstrumentState
    title: str
    constructs: list[str]
    validation_status: ValidationStatus
    validation_evidence: str | None = _EVIDENCE
    license: str
    drafted_by_id: str | None
    drafted_by_name: str | None = name_of("drafted_by_id")
    language: str | None
    languages: list[str] = _LANGUAGES
    minutes: int | None
    parent_id: str | None = _PARENT
    parent_title: str | None = name_of("parent_id", "instrument")
    series_id: str = _SERIES
    comparable: bool | None = _COMPARABLE
    version: int


class InstrumentSummaryResource(_Told):
    """An instrument without its scales and the texts of its items."""

    item_ids: list[str]


class InstrumentResource(_Told):
    scales: list[ScaleResource]
    items: list[ItemResource]
    translations: list[TranslationResource] = Field(
        description="The same in other languages, by the same ids"
    )
    judgement: JudgementResource | None = Field(
        description="What a person said of that in place of the rule; null where nobody did"
    )


class RewordedResource(Resource):
    item_id: str
    language: str | None = Field(
        description="The language in which it reads otherwise; null where both have none in common"
    )
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
        description="Whether no item was added, dropped, reworded or rescaled; null where it is no "
        "fork"
    )
    comparable: bool | None = _COMPARABLE
    version: int


class InstrumentPage(PageResource):
    instruments: list[InstrumentSummaryResource]


def _told(instrument: InstrumentSummary | Instrument) -> dict[str, Any]:
    return {
        "instrument_id": instrument.id,
        "state": instrument.state,
        "title": instrument.title,
        "constructs": list(instrument.constructs),
        "validation_status": instrument.validation_status,
        "validation_evidence": instrument.validation_evidence or None,
        "license": instrument.license,
        "drafted_by_id": instrument.drafted_by or None,
        "language": instrument.language or None,
        "languages": list(instrument.languages),
        "minutes": instrument.minutes or None,
        "parent_id": instrument.parent or None,
        "series_id": instrument.series,
        "comparable": _comparable(instrument),
        "version": instrument.version,
    }


def instrument_summary(instrument: InstrumentSummary) -> InstrumentSummaryResource:
    return InstrumentSummaryResource(
        **_told(instrument), item_ids=[each.id for each in instrument.items]
    )


def _comparable(instrument: InstrumentOutline) -> bool | None:
    return instrument.comparable if instrument.parent else None


def instrument_resource(instrument: Instrument) -> InstrumentResource:
    """One instrument with its items and scales."""
    return InstrumentResource(
        **_told(instrument),
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
                audio=_audio(each.audio),
            )
            for each in instrument.items
        ],
        translations=[_translation(instrument, each) for each in instrument.translations],
        judgement=_judgement(instrument.judgement) if instrument.judgement else None,
    )


def _audio(said: Audio | None) -> AudioResource | None:
    return AudioResource(address=said.address, license=said.license) if said else None


def _translation(instrument: Instrument, said: Translation) -> TranslationResource:
    return TranslationResource(
        language=said.language,
        title=said.title,
        items=[
            ItemWordsResource(item_id=each.id, text=each.text, audio=_audio(each.audio))
            for each in said.items
        ],
        scales=[
            ScaleWordsResource(scale_id=each.id, labels=list(each.labels)) for each in said.scales
        ],
        missing_ids=list(instrument.says.missing(said)),
    )


def _judgement(said: Judgement) -> JudgementResource:
    return JudgementResource(reason=said.reason, by_id=said.by, at=said.at)


def changes_resource(compared: ComparedFork) -> InstrumentChangesResource:
    """How one fork differs from its parent."""
    fork, found = compared.instrument, compared.changes
    return InstrumentChangesResource(
        instrument_id=fork.id,
        parent_id=fork.parent or None,
        added_item_ids=list(found.added) if found else [],
        dropped_item_ids=list(found.dropped) if found else [],
        reworded_items=[
            RewordedResource(
                item_id=each.item_id,
                language=each.language or None,
                before=each.before,
                after=each.after,
            )
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
