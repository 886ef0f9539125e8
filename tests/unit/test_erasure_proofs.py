"""The proof that what is about somebody was erased stays, whatever comes after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.privacy.erasure.domain import SERVICES, Erasure, ErasureState
from services.privacy.erasure.resources import erasure_resource

AT = datetime(2026, 10, 5, 15, tzinfo=UTC)


def carried_out(erasure: Erasure, at: datetime, erased: int) -> str:
    """Ordered and done; the proof of that."""
    erasure.order("admin", at)
    erasure.take_event()
    for service in SERVICES:
        done_at = at + timedelta(minutes=1)
        erasure.confirm(service, erasure.under_way, erased, done_at, done_at)
        erasure.take_event()
    assert erasure.state is ErasureState.DONE
    return erasure.proof


def test_it_outlasts_a_hold_and_another_order() -> None:
    erasure = Erasure(id="e", district="north", person="teacher", changed_at=AT)
    first = carried_out(erasure, AT, 3)
    assert [each.sha256 for each in erasure.proofs] == [first]
    erasure.hold("admin", AT + timedelta(days=1))
    erasure.take_event()
    (told,) = erasure_resource(erasure).proofs
    assert (told.proof, told.ordered_at, told.done_at) == (first, AT, AT + timedelta(minutes=1))
    assert {each.service: each.erased for each in told.carried_out} == dict.fromkeys(SERVICES, 3)
    erasure.release("admin", AT + timedelta(days=2))
    erasure.take_event()
    assert [each.sha256 for each in erasure.proofs] == [first]
    second = carried_out(erasure, AT + timedelta(days=3), 0)
    third = carried_out(erasure, AT + timedelta(days=4), 1)
    assert [each.sha256 for each in erasure.proofs] == [first, second, third]
    assert len({first, second, third}) == 3


def test_what_is_not_done_has_none() -> None:
    erasure = Erasure(id="e", district="north", person="teacher", changed_at=AT)
    erasure.hold("admin", AT)
    erasure.take_event()
    erasure.order("admin", AT)
    erasure.take_event()
    erasure.withdraw("admin", AT)
    assert erasure.proofs == ()
