"""What a log line may hold: allowed fields, and of an exception no text but ours."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.chassis import logs
from services.chassis.logs import allowed_only, exception_places, setup, unsilenced
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


@pytest.fixture
def configured() -> Iterator[None]:
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in ("", *logs._LIBRARIES)}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("configured")
def test_no_level_silences_what_must_be_complete(capsys: pytest.CaptureFixture[str]) -> None:
    setup("things", "1", "error")
    structlog.get_logger().info("silenced")
    unsilenced().info("kept", viewer_id="p", note="canary")
    (line,) = capsys.readouterr().out.splitlines()
    kept = json.loads(line)
    assert (kept["event"], kept["viewer_id"], kept["level"]) == ("kept", "p", "info")
    assert "note" not in kept
