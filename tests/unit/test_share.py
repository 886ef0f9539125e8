"""What a share lets somebody read, and when no more: of the aggregate alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.access.sharing.domain import Share, SharePurpose
from services.chassis.kernel import Fault
from tests.support.clocks import START

END = START + timedelta(days=7)


def share(once: bool = False) -> Share:
    return Share(
        id="s1",
        district="north",
        artifact="g1",
        teacher="owner",
        audience=["reader", "other"],
        purpose=SharePurpose.COACHING,
        once=once,
        created_at=START,
        expires_at=END,
    )


def test_one_that_was_found_and_is_revoked_before_it_is_used_opens_to_nobody() -> None:
    found = share()
    assert found.opens_to("reader", START)
    found.revoke("owner", START)
    assert not found.opens_to("reader", START)
    with pytest.raises(Fault, match="not_found"):
        found.read("reader", START)


@pytest.mark.parametrize("once", [True, False])
def test_what_is_over_is_not_read(once: bool) -> None:
    found = share(once)
    with pytest.raises(Fault, match="not_found"):
        found.read("reader", END)
    with pytest.raises(Fault, match="not_found"):
        found.read("owner", START)


def test_a_second_reading_of_what_is_for_once_is_none() -> None:
    found = share(once=True)
    found.read("reader", START)
    with pytest.raises(Fault, match="not_found"):
        found.read("reader", START)
    assert found.opens_to("other", START)


def test_what_is_revoked_does_not_become_expired() -> None:
    found = share()
    found.revoke("owner", START)
    found.take_event()
    found.expire(END)
    assert (found.take_event(), found.state, found.closed_at) == (None, "revoked", START)


def test_what_was_found_open_and_is_over_by_then_does_not_become_called_off() -> None:
    """Nor does one that is for another meeting."""
    found = share()
    found.meeting, found.audience = "m1", []
    found.call_off("m2", START)
    assert (found.take_event(), found.state) == (None, "open")
    found.revoke("owner", START)
    found.take_event()
    found.call_off("m1", END)
    assert (found.take_event(), found.state, found.closed_at) == (None, "revoked", START)


def test_only_the_owner_ends_it() -> None:
    with pytest.raises(Fault, match="owner_only"):
        share().revoke("reader", START)
