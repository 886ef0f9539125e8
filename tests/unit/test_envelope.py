"""The headers of an event: which there are, and that readers take those of older writers."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from services.chassis.log.envelope import Headers, PendingEvent, headers_of, open_envelope

KEY = b"north:teacher-1"
TYPE = "coaching.goals.v1.GoalProgressRecorded"


def headers() -> Headers:
    at = datetime(2026, 10, 12, 15, 0, tzinfo=UTC)
    event = PendingEvent(3, "goal-1:3", TYPE, (KEY.decode(),), b"", at)
    return headers_of(
        event, source="/tandem/goals", district="north", aggregate_id="goal-1", key=KEY.decode()
    )


def test_an_event_names_its_schema_by_an_absolute_uri_of_its_type() -> None:
    schema = dict(headers())["ce_dataschema"].decode()
    assert schema == f"urn:tandem:message:{TYPE}"
    assert urlsplit(schema).scheme  # as CloudEvents wants it


def test_an_event_without_a_schema_is_read_as_one_with_it() -> None:
    before = [each for each in headers() if each[0] != "ce_dataschema"]
    assert len(before) == len(headers()) - 1
    assert open_envelope(before, KEY) == open_envelope(headers(), KEY)
    assert open_envelope(before, KEY).schema_is_type


@pytest.mark.parametrize("other", [b"", TYPE.encode(), b"urn:tandem:message:other.Type"])
def test_another_schema_than_that_of_its_type_is_noticed(other: bytes) -> None:
    changed = [(name, other if name == "ce_dataschema" else value) for name, value in headers()]
    assert not open_envelope(changed, KEY).schema_is_type


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b"2026-10-10T08:30:00.000Z", datetime(2026, 10, 10, 8, 30, tzinfo=UTC)),
        (b"2026-10-10T10:30:00.000+02:00", datetime(2026, 10, 10, 8, 30, tzinfo=UTC)),
        (b"2026-10-10T08:30:00", None),
        (b"Saturday", None),
        (b"0001-01-01T00:00:00+14:00", None),
        (b"\xc3\xa9", None),
        (b"", None),
    ],
)
def test_what_a_device_says_of_the_time_stops_no_reader(said: bytes, read: datetime | None) -> None:
    assert "ce_devicetime" not in dict(headers())
    assert open_envelope([*headers(), ("ce_devicetime", said)], KEY).made_at == read
