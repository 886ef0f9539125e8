"""Instants that a device says: of the years that are kept, both ends included."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.chassis.fields import instant_near


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("1999-12-31T23:59:59Z", None),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2100-12-31T12:00:00+02:00", datetime(2100, 12, 31, 10, tzinfo=UTC)),
        ("2101-01-01T00:00:00Z", None),
        ("2000-01-01T00:00:00+14:00", None),
        ("2100-12-31T23:59:59-12:00", None),
    ],
)
def test_an_instant_of_the_years_2000_to_2100_is_kept(said: str, kept: datetime | None) -> None:
    assert instant_near(said) == kept


def test_what_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        instant_near("yesterday")
