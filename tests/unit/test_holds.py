"""On whom a legal hold is, by what an order tells and what a view has heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from coaching.privacy.v1 import erasure_events_pb2 as published
from services.access.holds import Told, asked, on_any, told
from services.access.projection import FOLDS
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import Envelope
from services.chassis.views.projection import Event, Row, apply_fact, new_row
from tests.support.clocks import START

HELD, CLEAR = published.ERASURE_STATE_HELD, published.ERASURE_STATE_CLEAR
ON_HIM = Told("coach", 3, ("coach", "coach-before"))


def row(person: str, version: int, state: Any) -> Row:
    """As the access view has it once it has heard of that version."""
    said = published.ErasureSnapshot(erasure_id=f"of-{person}", person_id=person, state=state)
    message = published.ErasureHeld(erasure=said)
    type_ = message.DESCRIPTOR.full_name
    envelope = Envelope("e", type_, "north", f"north:{person}", f"of-{person}", version, START, 0)
    (fact,) = FOLDS[type_](Event(envelope, message))
    new = new_row(f"north:{person}", "north")
    apply_fact(new, fact, envelope)
    return new


class View:
    def __init__(self, *rows: Row) -> None:
        self._rows: Mapping[str, Row] = {each["_id"]: each for each in rows}

    async def read_anew(self, row_id: str) -> Row:
        return self._rows.get(row_id, {})

    async def read_many_anew(self, row_ids: Sequence[str]) -> Sequence[Row]:
        return [self._rows.get(each, {}) for each in row_ids]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), True),
        ((row("coach", 2, CLEAR),), True),
        ((row("coach", 3, HELD),), True),
        ((row("coach", 4, CLEAR),), False),
        ((row("coach", 5, HELD),), True),
    ],
)
@pytest.mark.parametrize("named", ["coach", "coach-before"])
async def test_one_that_was_told_goes_on_until_its_end_is_heard(
    named: str, rows: tuple[Row, ...], expected: bool
) -> None:
    assert await on_any(View(*rows), "north", [named], [ON_HIM]) is expected


async def test_one_on_somebody_else_keeps_nothing_and_one_that_only_the_view_knows_does() -> None:
    assert not await on_any(View(), "north", ["another"], [ON_HIM])
    assert await on_any(View(row("another", 1, HELD)), "north", ["another"], [ON_HIM])


async def test_of_what_an_order_tells_a_todo_keeps_all() -> None:
    each = published.LegalHold(person_id="coach", version=3, record_ids=ON_HIM.records)
    order = published.ErasureSnapshot(legal_holds=[each], legal_holds_known=True)
    value = {"person": "hers", "holds": asked(order)}
    (known,) = await told(View(), "north", value, "of-hers", 2)
    assert (known.person, known.version, tuple(known.records)) == ("coach", 3, ON_HIM.records)


@pytest.mark.parametrize("value", [{}, {"holds": asked(published.ErasureSnapshot())}])
async def test_an_order_that_does_not_say_waits_until_the_view_has_heard_of_it(
    value: dict[str, Any],
) -> None:
    """As where the view was made by a build that knew of no holds."""
    value = {"person": "hers", **value}
    for behind in (View(), View(row("hers", 1, CLEAR))):
        with pytest.raises(Fault, match="not known") as refused:
            await told(behind, "north", value, "of-hers", 2)
        assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, "not_known_yet")
    assert await told(View(row("hers", 2, CLEAR)), "north", value, "of-hers", 2) == ()
