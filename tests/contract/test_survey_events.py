"""What the surveys service publishes, example by example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from coaching.surveys.v1 import (
    administration_events_pb2,
    instrument_events_pb2,
    share_events_pb2,
)
from services.chassis.kernel import Aggregate
from services.surveys.administration.codec import ADMINISTRATIONS, RECEIPTS, REPORTS
from services.surveys.administration.codes import seat_of
from services.surveys.administration.domain import Administration
from services.surveys.administration.small_n import Sheet, release
from services.surveys.instrument.codec import INSTRUMENTS
from services.surveys.instrument.domain import Instrument
from services.surveys.instrument.lineage import changes_of
from tests.support.clocks import START
from tests.support.golden import assert_complete, assert_golden, assert_receipt, assert_report
from tests.support.survey_examples import (
    CANARY,
    COACH,
    TEACHER,
    administration,
    fork,
    instrument,
    published_instrument,
)

SECRET = administration().secret
CLOSED_AT = START + timedelta(days=1, hours=1)


def opened() -> Administration:
    found = administration()
    found.take_event()
    found.open(24, TEACHER, START + timedelta(days=1))
    return found


def closed(answered: int) -> Administration:
    """Closed after `answered` sheets, of which 3 hold no answer to the last item."""
    found = opened()
    found.take_event()
    sheets: list[Sheet] = [
        {"i1": 5 if n < 14 else 2, "i2": 1, **({"i3": 2} if n >= 3 else {})}
        for n in range(answered)
    ]
    found.close(release(found.favorable(), sheets, 10, Random(0)), TEACHER, CLOSED_AT)
    return found


def after(found: Aggregate, act: Callable[[Any], object]) -> Aggregate:
    found.take_event()
    act(found)
    return found


WARMER = replace(fork().says, items=tuple(replace(each, text=CANARY) for each in fork().items))
WARMER_CHANGES = changes_of(fork().says, WARMER)

EVENTS: list[tuple[str, Aggregate]] = [
    ("InstrumentDrafted", instrument().drafted()),
    ("InstrumentPublished", published_instrument()),
    ("InstrumentEdited", after(fork(), lambda it: it.edit(WARMER, WARMER_CHANGES, COACH))),
    (
        "InstrumentJudged",
        after(fork(), lambda it: it.judge(True, CANARY, WARMER_CHANGES, COACH, START)),
    ),
    ("InstrumentRetired", after(published_instrument(), lambda it: it.retire(COACH))),
    ("AdministrationTransferred", after(opened(), lambda it: it.transfer("teacher-2"))),
    ("InstrumentWithdrawn", after(instrument().drafted(), lambda it: it.withdraw(COACH))),
    ("AdministrationScheduled", administration()),
    ("AdministrationOpened", opened()),
    ("AdministrationSeatsAdded", after(opened(), lambda it: it.open(25, TEACHER, CLOSED_AT))),
    ("AdministrationClosed", closed(20)),
    ("AdministrationReopened", after(closed(9), lambda it: it.reopen(TEACHER, CLOSED_AT))),
    (
        "AdministrationSealed",
        after(closed(9), lambda it: it.seal(CLOSED_AT + timedelta(hours=1, minutes=1))),
    ),
    ("AdministrationCancelled", after(opened(), lambda it: it.cancel(TEACHER, CLOSED_AT))),
    ("AdministrationErased", after(closed(20), lambda it: it.erase())),
]


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, aggregate: Aggregate) -> None:
    event = aggregate.take_event()
    aggregate.record(event)
    if isinstance(aggregate, Instrument):
        encoded = INSTRUMENTS.encode(aggregate, event)
    else:
        assert isinstance(aggregate, Administration)
        encoded = ADMINISTRATIONS.encode(aggregate, event)
    assert encoded.type == f"coaching.surveys.v1.{name}"
    assert_golden("surveys", encoded)
    assert CANARY.encode() not in encoded.data
    assert SECRET not in encoded.data


def test_a_receipt_is_published_as_its_example_says() -> None:
    assert_receipt("surveys", RECEIPTS)
    assert_report("surveys", REPORTS)


def test_every_event_has_an_example() -> None:
    assert_complete("surveys", instrument_events_pb2, administration_events_pb2, share_events_pb2)


def test_no_code_and_no_seat_is_published() -> None:
    found = opened()
    data = ADMINISTRATIONS.encode(found, found.take_event()).data
    assert len(found.codes()) == 24
    for code in found.codes():
        for told in (code, code.replace("-", ""), seat_of(SECRET, code)):
            assert told.encode() not in data


def test_a_small_group_is_published_as_suppressed_and_nothing_else() -> None:
    """Nine answers and none are the same record."""
    records = []
    for answered in (9, 0):
        found = closed(answered)
        records.append(ADMINISTRATIONS.encode(found, found.take_event()))
    assert records[0] == records[1]
    message = administration_events_pb2.AdministrationClosed.FromString(records[0].data)
    assert message.administration.results == administration_events_pb2.Results(
        suppressed=True, small_n=10
    )


def test_results_from_before_there_were_bands_keep_their_numbers() -> None:
    found = closed(20)
    state = ADMINISTRATIONS.to_state(found)

    def numbered(figures: dict[str, Any]) -> dict[str, Any]:
        band = {name: figures.pop(name) for name in ("n_min", "n_max")}
        return {"suppressed": False, **figures, "n": band["n_min"]}

    old = numbered({**state["results"], "items": [*map(numbered, state["results"]["items"])]})
    later = ("round", "cancelled_at", "history", "scheduled_by", "series", "validation_status")
    of_then = {name: value for name, value in state.items() if name not in later}
    upcast = ADMINISTRATIONS.upcast(1, {**of_then, "results": old})
    read = ADMINISTRATIONS.from_state(found.id, "north", 3, upcast)
    results = read.results
    assert results is not None
    assert (read.round, read.history, read.settled) == (1, (), True)
    assert (results.n_min, results.n_max) == (20, 20)
    assert [(each.n_min, each.n_max) for each in results.items] == [(20, 20)] * 3
    open_ = ADMINISTRATIONS.upcast(1, ADMINISTRATIONS.to_state(opened()))
    expected = replace(opened(), version=2, history=(), scheduled_by="", validation_status="")
    expected.series = expected.instrument_id
    assert ADMINISTRATIONS.from_state(found.id, "north", 2, open_) == expected


def test_of_a_draft_from_before_its_author_was_kept_nobody_is_known() -> None:
    state = INSTRUMENTS.to_state(instrument())
    del state["drafted_by"]
    assert INSTRUMENTS.from_state("i", "north", 1, INSTRUMENTS.upcast(1, state)).drafted_by == ""


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, aggregate in EVENTS:
        if isinstance(aggregate, Instrument):
            state = INSTRUMENTS.to_state(aggregate)
            assert INSTRUMENTS.from_state(aggregate.id, "north", 0, state) == aggregate
        if isinstance(aggregate, Administration):
            state = ADMINISTRATIONS.to_state(aggregate)
            assert ADMINISTRATIONS.from_state(aggregate.id, "north", 0, state) == aggregate
