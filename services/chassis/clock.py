"""The clock of a service process, and how a demo or a test may tell one request its time.

With BACKDATING on (refused in production) a request's `Tandem-Now` header is its present
instant, so that weeks of a past can be played through the public APIs.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from services.chassis.kernel import SystemClock, invalid, millis

HEADER = "tandem-now"
_told: ContextVar[datetime | None] = ContextVar("tandem_now", default=None)


class ServiceClock(SystemClock):
    """The present, unless the request that is being answered was told another instant."""

    def now(self) -> datetime:
        return _told.get() or super().now()


def due(since: datetime, seconds: float, now: datetime) -> bool:
    """Whether so long has passed; also where the clock was put back, and nobody knows."""
    return not timedelta(0) <= now - since < timedelta(seconds=seconds)


def tell(text: str) -> None:
    """Set the present instant of the running request. Raises Fault INVALID unless `text` is
    an RFC 3339 instant with an offset, from 2000 to 2100."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not 2000 <= instant.year <= 2100:
        raise invalid("malformed_header", "Tandem-Now is an RFC 3339 instant from 2000 to 2100.")
    _told.set(millis(instant.astimezone(UTC)))
