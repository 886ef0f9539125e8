"""One JSON line per event on stdout, with allowed fields only.

A field that is not in `FIELDS` is dropped: names, notes and answers cannot reach a log by
accident. Of an exception only its type and the places it passed are written, since its
text may hold what a caller sent; the text of an OperatorError is written too. What a library
says again and again is written now and then: see `Seldom`.
"""

from __future__ import annotations

import logging
import math
import sys
import traceback
from collections import OrderedDict
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from services.chassis.kernel import OperatorError
from services.chassis.tracing import current_traceparent

FIELDS = frozenset(
    """ts level event service version logger trace_id request_id district_id correlation_id
    code reason route status operation method issuer role roles port host url
    topic topics partition partitions offset offsets group generation lag view batch events rows
    aggregate_id event_id event_type kind attempt attempts seconds count bytes pending
    viewer_id partner_id subject_ids relation grant_id grant_ids decision
    error stack database collection index signal setting environment mode position""".split()
)
SELDOM_S = 30.0
MOST_SELDOM = 256  # messages that are known at a time
_LIBRARIES = ("uvicorn.error", "aiokafka", "grpc", "opentelemetry", "pymongo")


def setup(service: str, version: str, level: str) -> None:
    """Send every log of this process to stdout as JSON. Call once, first thing."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _context(service, version),
        exception_places,
        allowed_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(Seldom())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _left_out, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(numeric, logging.WARNING))
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(max(numeric, logging.WARNING))


class Seldom(logging.Filter):
    """Lets one record through of each logger and message (as it stands in the code) in SELDOM_S;
    the next one has in `left_out` how many were not. For libraries: with a cluster away
    aiokafka says so a hundred times a second, and what we say ourselves would drown."""

    def __init__(self) -> None:
        super().__init__()
        self._last: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("services."):
            return True
        key = (record.name, str(record.msg)[:100])
        at, left_out = self._last.pop(key, (-math.inf, 0))
        told = not 0 <= record.created - at < SELDOM_S
        self._last[key] = (record.created, 0) if told else (at, left_out + 1)
        if len(self._last) > MOST_SELDOM:
            self._last.popitem(last=False)
        record.__dict__["left_out"] = left_out if told else 0
        return told


def _left_out(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    count = getattr(event.get("_record"), "left_out", 0)
    if count:
        event["count"] = count
    return event


def unsilenced() -> Any:
    """A logger that no LOG_LEVEL silences: for records that must be complete."""
    everything = structlog.make_filtering_bound_logger(logging.NOTSET)
    return structlog.wrap_logger(None, wrapper_class=everything)


def _context(service: str, version: str) -> structlog.typing.Processor:
    def add(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        event["service"] = service
        event["version"] = version
        trace = current_traceparent()
        if trace:
            event["trace_id"] = trace[3:35]
        return event

    return add


def allowed_only(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Drop every field that is not in FIELDS (structlog's own begin with `_`)."""
    return {key: event[key] for key in event if key in FIELDS or key.startswith("_")}


def exception_places(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """`exc_info` as `error` (type names, causes last), `stack` (file:line function) and,
    for the operator, `reason`."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = " <- ".join(_types(error))
        innermost = next((each for each in _all(error) if isinstance(each, OperatorError)), None)
        if innermost is not None:
            event["reason"] = str(innermost)
        event["stack"] = _places((innermost or error).__traceback__)
    return event


def _types(error: BaseException) -> list[str]:
    return [type(each).__qualname__ for each in _all(error)]


def _all(error: BaseException) -> list[BaseException]:
    """The exception, what it groups and what caused it: ten at most."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and len(found) < 5:
        found.append(current)
        if isinstance(current, BaseExceptionGroup):
            found.extend(current.exceptions[:5])
        current = current.__cause__ or current.__context__
    return found


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _dumps(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
