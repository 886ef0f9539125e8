"""The instant that a request may tell: it is bounded, so that no date can run out of range."""

from __future__ import annotations

from contextvars import copy_context
from datetime import UTC, datetime

import pytest

from services.chassis.clock import ServiceClock, tell
from services.chassis.kernel import Fault


def _told(text: str) -> datetime:
    def told() -> datetime:
        tell(text)
        return ServiceClock().now()

    return copy_context().run(told)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-11-28",
        "2026-11-28T10:00:00",
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_instant_of_the_century_is_refused(text: str) -> None:
    with pytest.raises(Fault, match="malformed_header"):
        _told(text)


def test_it_is_told_to_the_running_request_alone() -> None:
    assert _told("2026-11-28T10:00:00.1239-05:00") == datetime(
        2026, 11, 28, 15, 0, 0, 123000, tzinfo=UTC
    )
    assert abs(ServiceClock().now() - datetime.now(UTC)).total_seconds() < 60
