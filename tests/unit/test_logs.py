"""What a log line may hold: allowed fields, and of an exception no text but ours."""

from __future__ import annotations

from typing import Any

import structlog

from services.chassis.logs import allowed_only, exception_places
from services.chassis.views.parking import ParkingLimit

LOGGER = structlog.get_logger()


def logged(error: BaseException) -> Any:
    return allowed_only(LOGGER, "", exception_places(LOGGER, "", {"exc_info": error}))


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - to have its traceback
        return caught


def test_the_text_of_an_exception_is_not_logged() -> None:
    line = logged(raised(ValueError("canary")))
    assert line["error"] == "ValueError"
    assert "canary" not in str(line)


def test_what_is_written_for_the_operator_is_logged_from_inside_a_group_too() -> None:
    inner = raised(ParkingLimit("would park 30 of the last 100 records"))
    line = logged(raised(ExceptionGroup("tasks", [inner])))
    assert line["error"] == "ExceptionGroup <- ParkingLimit"
    assert line["reason"] == "would park 30 of the last 100 records"


def test_a_field_that_is_not_allowed_is_dropped() -> None:
    line = allowed_only(LOGGER, "", {"event": "x", "note": "canary", "seconds": 1})
    assert line == {"event": "x", "seconds": 1}
