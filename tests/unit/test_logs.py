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
from services.chassis.tracing import within
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


TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("sampled", [0, 1])
def test_what_is_said_of_a_record_has_the_trace_of_its_event(
    sampled: int, capsys: pytest.CaptureFixture[str]
) -> None:
    setup("things", "1", "info")
    with within(f"00-{TRACE_ID}-00f067aa0ba902b7-0{sampled}"):
        logging.getLogger("services.any").warning("a record")
        with within("junk"):
            logging.getLogger("services.any").warning("one without a trace")
    logging.getLogger("services.any").warning("another")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("trace_id") for line in lines] == [TRACE_ID, TRACE_ID, None]


def said(name: str, text: str, *args: object, at: float) -> None:
    """A record of a library, as it comes at a time."""
    record = logging.LogRecord(name, logging.ERROR, "", 0, text, args, None)
    record.created = at
    logging.getLogger(name).handle(record)


@pytest.mark.usefixtures("configured")
def test_what_a_library_says_again_is_one_line_in_half_a_minute_with_a_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    setup("things", "1", "info")
    for number in range(3_000):  # 50 s
        said("aiokafka", "Unable connect to node with id %s: %s", number, "x", at=number / 60)
    said("aiokafka", "Unable to update metadata from %s", [0], at=50)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["event"][:18], line.get("count")) for line in lines] == [
        ("Unable connect to ", None),
        ("Unable connect to ", 1_799),
        ("Unable to update m", None),
    ]


@pytest.mark.usefixtures("configured")
def test_what_we_say_ourselves_is_always_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    setup("things", "1", "info")
    for number in range(20):
        said("services.chassis.write.relay", "the relay waits: %s", "Kafka is away", at=number)
    assert len(capsys.readouterr().out.splitlines()) == 20


@pytest.mark.usefixtures("configured")
def test_of_what_is_said_once_not_everything_is_remembered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    setup("things", "1", "info")
    for number in range(2 * logs.MOST_SELDOM):
        said("aiokafka", f"made of parts: {number}", at=0)
    said("aiokafka", "made of parts: 0", at=1)
    assert len(capsys.readouterr().out.splitlines()) == 2 * logs.MOST_SELDOM + 1
