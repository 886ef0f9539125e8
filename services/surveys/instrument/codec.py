"""Instruments: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.surveys.v1 import instrument_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.surveys.instrument.domain import Instrument, InstrumentState
from services.surveys.instrument.outline import InstrumentEvent, InstrumentSummary

INSTRUMENT_EVENTS = messages_of(published.DESCRIPTOR, "Instrument", InstrumentEvent)
_INSTRUMENT_STATES = numbers_of(InstrumentState, published.InstrumentState.DESCRIPTOR)


def instrument_snapshot(instrument: Instrument) -> published.InstrumentSnapshot:
    """References only: title, item texts and labels stay here."""
    return published.InstrumentSnapshot(
        instrument_id=instrument.id,
        state=_INSTRUMENT_STATES[instrument.state],
        item_ids=[item.id for item in instrument.items],
        constructs=instrument.constructs,
        validation_status=instrument.validation_status,
        license=instrument.license,
        languages=instrument.languages,
        parent_id=instrument.parent,
        series_id=instrument.series,
        comparable=instrument.comparable,
    )


def encode_instrument(instrument: Instrument, event: InstrumentEvent) -> EncodedEvent:
    """An instrument concerns no teacher: its own id is the key."""
    message = INSTRUMENT_EVENTS[event](instrument=instrument_snapshot(instrument))
    return encoded(message, (f"{instrument.district}:{instrument.id}",))


def with_author(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 knows who drafted it; of older ones nobody is known, so nobody withdraws them."""
    return {**state, "drafted_by": ""}


def _without_language(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 knows its language and how long it takes; of older ones nobody said."""
    return {**state, "language": "", "minutes": 0}


def _without_parent(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 knows from what it was forked; there were no forks before, nor a place for where it
    can be read that one is validated."""
    lineage = {"parent": "", "parent_series": "", "comparable": False, "judgement": None}
    return {**state, **lineage, "validation_evidence": ""}


def _in_one_language(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 has it in other languages, too, and items that can be heard."""
    items = [{**each, "audio": None} for each in state["items"]]
    return {**state, "items": items, "translations": []}


INSTRUMENTS = AggregateCodec(
    "instrument",
    Instrument,
    encode_instrument,
    [with_author, _without_language, _without_parent, _in_one_language],
)
INSTRUMENT_SUMMARIES = SummaryCodec(INSTRUMENTS, InstrumentSummary)
