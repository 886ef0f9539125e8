"""Administrations: between the domain, the stored state and the published events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coaching.surveys.v1 import administration_events_pb2 as published
from services.access.erasures import receipts
from services.access.retention_report import reports_of
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.surveys.administration.domain import Administration
from services.surveys.administration.outline import (
    AdministrationEvent,
    AdministrationOutline,
    AdministrationState,
)
from services.surveys.administration.small_n import Results

ADMINISTRATION_EVENTS = messages_of(
    published.DESCRIPTOR, "Administration", AdministrationEvent, Last
)
_ADMINISTRATION_STATES = numbers_of(AdministrationState, published.AdministrationState.DESCRIPTOR)


def administration_snapshot(administration: Administration) -> published.AdministrationSnapshot:
    """Never the secret, and nothing of the answers before or beside the results."""
    return published.AdministrationSnapshot(
        administration_id=administration.id,
        instrument_id=administration.instrument_id,
        teacher_id=administration.teacher,
        class_id=administration.class_id,
        goal_id=administration.goal_id,
        school_year=administration.school_year,
        state=_ADMINISTRATION_STATES[administration.state],
        expected_n=administration.seats,
        baseline=administration.baseline,
        lesson_date=administration.lesson_date,
        scheduled_at=stamp(administration.scheduled_at),
        opened_at=stamp(administration.opened_at),
        closed_at=stamp(administration.closed_at),
        cancelled_at=stamp(administration.cancelled_at),
        transferred_from_id=administration.transferred_from,
        series_id=administration.series,
        validation_status=administration.validation_status,
        results=_results(administration.results) if administration.results else None,
    )


def _results(results: Results) -> published.Results:
    return published.Results(
        suppressed=results.suppressed,
        small_n=results.small_n,
        n=results.n_min,
        n_min=results.n_min,
        n_max=results.n_max,
        favorable_share=results.favorable_share,
        items=[
            published.ItemResult(
                item_id=each.item_id,
                n=each.n_min,
                n_min=each.n_min,
                n_max=each.n_max,
                favorable_share=each.favorable_share,
            )
            for each in results.items
        ],
    )


def encode_administration(
    administration: Administration, event: AdministrationEvent | Last
) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.AdministrationSnapshot(administration_id=administration.id)
        before = (administration.transferred_from,) if administration.transferred_from else ()
        keys = keys_about(administration.district, administration.teacher, left=before)
        return encoded(
            ADMINISTRATION_EVENTS[event](administration=only), keys, administration.school_year
        )
    message = ADMINISTRATION_EVENTS[event](administration=administration_snapshot(administration))
    left = [administration.transferred_from] if event is AdministrationEvent.TRANSFERRED else []
    keys = keys_about(administration.district, administration.teacher, left=left)
    return encoded(message, keys, administration.school_year)


def with_bands(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says numbers of results as bands; a number that was released stays one."""
    results = state["results"]
    return {
        **state,
        "results": results and _banded({**results, "items": [*map(_banded, results["items"])]}),
    }


def _banded(figures: Mapping[str, Any]) -> dict[str, Any]:
    others = {name: value for name, value in figures.items() if name != "n"}
    return {**others, "n_min": figures["n"], "n_max": figures["n"]}


def with_rounds(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 knows reopening, cancelling and who did what."""
    return {**state, "round": 1, "cancelled_at": None, "history": []}


def with_scheduler(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 says who scheduled it beside its history, so that an index holds it."""
    history = state["history"]
    return {**state, "scheduled_by": history[0]["by"] if history else ""}


def with_figures_alone(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 has no items without a figure beside others that have one."""
    results = state["results"]
    if not results:
        return state
    items = [
        {name: value for name, value in each.items() if name != "suppressed"}
        for each in results["items"]
        if not each["suppressed"]
    ]
    return {**state, "results": {**results, "items": items}}


def _transferred_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 6 says whose it was before two records of one person became one."""
    return {**state, "transferred_from": ""}


def _of_its_own_series(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 7 says with what it may be joined: before there were forks, with the same instrument's
    alone. How far that one was validated nobody kept."""
    return {**state, "series": state["instrument_id"], "validation_status": ""}


ADMINISTRATIONS = AggregateCodec(
    "administration",
    Administration,
    encode_administration,
    [
        with_bands,
        with_rounds,
        with_scheduler,
        with_figures_alone,
        _transferred_from_nobody,
        _of_its_own_series,
    ],
)
ADMINISTRATION_SUMMARIES = SummaryCodec(ADMINISTRATIONS, AdministrationOutline)
RECEIPTS = receipts(published.ErasureCarriedOut)
REPORTS = reports_of(published.RetentionReported)
