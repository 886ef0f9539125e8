"""People of a demo district as they use the public REST APIs.

Every change carries an idempotency key that follows from the demo's seed, so that what was
interrupted can be played again: what was done is answered as it was the first time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from services.ctl.client import LATER, Answered, ApiClient
from services.ctl.exits import Exit, Refused, Stop

PATIENCE_SECONDS = 60.0
# What a service answers until events of another one have reached it.
_NOT_KNOWN_YET = {
    "unknown_person", "unknown_teacher", "unknown_coach", "unknown_class", "unknown_goal",
    "not_found",
}  # fmt: skip

# What may have been done: sent again under the same key it is done once.
_UNKNOWN = {"deadline", "outcome_unknown", "store_unavailable"}

Sign = Callable[[str], str]


@dataclass
class Actor:
    """Sends as anybody of one district. `sign`: person -> token; `requests` counts those
    that succeeded."""

    api: ApiClient
    sign: Sign
    district: str
    requests: int = 0
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, person: str) -> str:
        if person and person not in self._tokens:
            self._tokens[person] = self.sign(person)
        return self._tokens.get(person, "")

    async def post(
        self,
        person: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        now: datetime | None = None,
        method: str = "POST",
    ) -> Answered:
        """Waits, up to 60 s, while the service does not know yet whom this is about, or has too
        much to do: a newcomer's machine has a whole platform started on it at once. With a `key`
        it asks again, too, where nobody knows whether it was done, or where a service breaks off
        after others have answered.
        Raises Refused and Stop. An empty `person` has no account."""
        until = monotonic() + PATIENCE_SECONDS
        pause = 0.05
        while True:
            try:
                answer = await self.api.send(
                    self.token(person),
                    method,
                    service,
                    path,
                    body,
                    key=key,
                    now=now.isoformat() if now else "",
                )
            except Refused as refused:
                again = {*_NOT_KNOWN_YET, *LATER, *(_UNKNOWN if key else ())}
                if refused.problem not in again or monotonic() > until:
                    raise
            except Stop as stop:
                broken = stop.code is Exit.UNREACHABLE and key and self.requests
                if not broken or monotonic() > until:
                    raise
            else:
                self.requests += 1
                return answer
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 1.0)


class Moments:
    """Instants of a school day so many days ago, each later than the one before. Days are
    those of `zone`."""

    def __init__(self, today: date, zone: ZoneInfo, minute: int = 0) -> None:
        self._today, self._zone = today, zone
        self._last = datetime.min.replace(tzinfo=UTC)
        self._minute = minute

    def at(self, days_ago: int) -> datetime:
        """At least one day ago; a weekend becomes the Friday before."""
        day = self._today - timedelta(days=max(1, days_ago))
        day -= timedelta(days=max(0, day.weekday() - 4))
        moment = datetime.combine(day, time(8), self._zone).astimezone(UTC)
        moment += timedelta(minutes=self._minute)
        self._last = max(moment, self._last + timedelta(minutes=20))
        return self._last
