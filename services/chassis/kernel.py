"""What a domain may use of the chassis: errors with a meaning, days, a clock, an aggregate, places.

Standard library only. Every error that a caller can cause carries a `Kind`; one table
(`chassis.edge.errors`) turns kinds into HTTP statuses and gRPC codes.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


class Kind(enum.Enum):
    """What went wrong, in the caller's terms."""

    INVALID = "invalid"  # the input is wrong, whatever the state
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"  # the caller's role never may
    NOT_FOUND = "not_found"  # missing, another district's, or not hers to see
    CONFLICT = "conflict"  # right input, wrong state
    STALE = "stale"  # If-Match / etag names an older version
    KEY_REUSED = "key_reused"  # an idempotency key came back with other content
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"  # content type
    LIMITED = "limited"  # a bound was reached; try later
    OVERLOADED = "overloaded"  # nothing was done: try later
    UNAVAILABLE = "unavailable"  # outcome unknown or a dependency is down: same key again


@dataclass
class Fault(Exception):
    """An error with a meaning. `code` is stable snake_case; `detail` is for people and
    never echoes input; `place` is a JSON Pointer into the input, or empty; `retry_after` is in
    seconds, and 0 where its kind says it."""

    kind: Kind
    code: str
    detail: str = ""
    place: str = ""
    retry_after: int = 0

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class OperatorError(Exception):
    """Ends a process or stops a mechanism. Its text is written for the operator, names what
    to do, and holds nothing that a caller sent: logs show it."""


def invalid(code: str, detail: str, place: str = "") -> Fault:
    return Fault(Kind.INVALID, code, detail, place)


def conflict(code: str, detail: str) -> Fault:
    return Fault(Kind.CONFLICT, code, detail)


def already_there(fault: Fault) -> bool:
    """Whether what was to be made was there already: see `WritePath.create`."""
    return (fault.kind, fault.code) == (Kind.CONFLICT, "already_exists")


def not_found() -> Fault:
    """The one answer for what is missing, another district's or not the caller's to see."""
    return Fault(Kind.NOT_FOUND, "not_found", "There is no such resource.")


async def if_there(asked: Awaitable[T]) -> T | None:
    """What was asked for, None where the answer is NOT_FOUND. Raises every other Fault."""
    try:
        return await asked
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return None


def day_of(instant: datetime, zone: tzinfo) -> date:
    """The day of an aware instant in a time zone."""
    return instant.astimezone(zone).date()


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which a day begins in a time zone: the first whose `day_of` it
    is. Where clocks are put forward at midnight that is when they are."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def millis(instant: datetime) -> datetime:
    """Cut to milliseconds, as MongoDB keeps it."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, in UTC, cut to milliseconds: MongoDB keeps no more, and what
        is stored must equal what was published."""


class SystemClock:
    def now(self) -> datetime:
        return millis(datetime.now(UTC))


class FairPlaces(NamedTuple):
    """How many there may be in a list that several people add to, so that nobody takes what another
    needs: `most` all told, `by_others` than its owner all together, `by_one` of them. What was
    voided has a place and keeps it."""

    most: int
    by_others: int
    by_one: int

    def is_left(self, by: str, owner: str, authors: Iterable[str]) -> bool:
        """Whether one more may come by somebody, beside those of the `authors`, each once for
        each thing of hers."""
        known = list(authors)
        others = [each for each in known if each != owner]
        if len(known) >= self.most:
            return False
        return by == owner or (len(others) < self.by_others and others.count(by) < self.by_one)


class Last(enum.StrEnum):
    """What is the last event of whatever is erased."""

    ERASED = "erased"


class DeviceTime(NamedTuple):
    """When a device that was offline says that a command was given (`made_at`: its word, by its own
    clock, which may be years off: nothing is decided or put in order by it), and between which
    instants of ours (`since`, `until`) it was carried out. `key` and `version`: the command's key,
    and the version it gave, as its caller is told it."""

    key: str
    version: int
    since: datetime
    until: datetime
    made_at: datetime


class Versioned(Protocol):
    """What callers name by its id, and whose version they may say they have seen."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


@dataclass(kw_only=True)
class Aggregate:
    """State that changes by one event at a time.

    A method of a subclass checks, changes and calls `record` once. `version` is that of
    the stored document: 0 before the first write; the write path raises it. `last_event_at`: when
    the newest event of the stored document was, None where that does not say. `device_times`: of
    what devices did that were offline, the oldest first; of one that a list shows there are none.
    """

    id: str
    district: str
    version: int = 0
    last_event_at: datetime | None = field(default=None, init=False, repr=False, compare=False)
    device_times: tuple[DeviceTime, ...] = field(default=(), init=False, repr=False, compare=False)
    # Set when it is made: an attribute that comes later gives an object a dictionary of its own.
    _event: Any = field(default_factory=lambda: None, init=False, repr=False, compare=False)
    _left: tuple[tuple[int, Any], ...] = field(default=(), init=False, repr=False, compare=False)

    @property
    def agreed(self) -> int:
        """Its version when it was begun anew by those whom it takes: who ends it without having
        seen that means what was before. 0 of what nobody agrees on."""
        return 0

    def version_to(self, person: str) -> int:
        """Its version as a person is told it, and names it in a change: less by what is to stay
        unknown to her. It rises by 1 with each event that tells her anything."""
        return self.version

    def record(self, event: Any) -> None:
        """Remember what happened: exactly one event per accepted command."""
        if self._event is not None:
            raise AssertionError("one command records one event")
        self._event = event

    def take_event(self) -> Any:
        """The event of this command, or None when nothing changed; forgets it."""
        event, self._event = self._event, None
        return event

    def erase(self) -> None:
        """It is no more: see `WritePath.erase`."""
        self.record(Last.ERASED)

    def leave(self, number: int, part: Any) -> None:
        """Let a part go, with the event of this command: it is kept under its number, or kept
        anew where one with that number has left before."""
        self._left = (*self._left, (number, part))

    def take_left(self) -> list[tuple[int, Any]]:
        """What leaves with the event of this command; forgets it."""
        left, self._left = list(self._left), ()
        return left


def restated(known: Any, new: Any) -> bool:
    """Let an aggregate that has taken another's place say what `new` does, unless something was
    done with it since it was made so last, or it says that already. Its field `restated`: as of
    which of its own versions nothing was done with it. Whether it says something else now."""
    new = replace(new, version=known.version, restated=known.restated)
    if known.version != known.restated or known == new:
        return False
    for each in fields(new):
        if each.init and each.name not in ("id", "district", "version"):
            setattr(known, each.name, getattr(new, each.name))
    known.restated = known.version + 1
    return True
