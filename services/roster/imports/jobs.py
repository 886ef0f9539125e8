"""Imports as jobs, and the store that they wait in. A port with two adapters
(`mongo_jobs.MongoJobs`, `memory_jobs.MemoryJobs`), held to one conformance suite."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.chassis.write.by_date import ByDate
from services.chassis.write.loading import Found

KEPT = timedelta(hours=24 * 400)  # who imported what, when
FILES_KEPT = timedelta(hours=24 * 7)  # of a job that nobody has run, or an upload that broke off
LEFT = timedelta(hours=1)  # of a file whose import has ended, where a kill kept it from going
BY_DATE = ByDate("made_at")
PIECE = 1024 * 1024  # bytes of a file in one document


class JobState(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Phase(enum.StrEnum):
    """What a running import is at."""

    READING = "reading"
    COMPARING = "comparing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`by`: the caller, such as `person:x`. `day`: the district's when it first began, by which it
    goes on; `tries`: how often it has begun. `report` is what it does or did, settled before
    anything is written; `done` of `total` records are written. `code` and `detail` say why it
    failed. `asked_at`: when its source was asked for what the file says, as its sender told;
    `changes`: it says of some noun only what has changed."""

    id: str
    district: str
    by: str
    validate_only: bool
    allow_removals: bool
    sha256: str
    size: int
    made_at: datetime
    state: JobState = JobState.WAITING
    day: str = ""
    tries: int = 0
    began_at: datetime | None = None
    ended_at: datetime | None = None
    phase: Phase | None = None
    done: int = 0
    total: int = 0
    report: Mapping[str, Any] | None = None
    code: str = ""
    detail: str = ""
    asked_at: datetime | None = None
    changes: bool = False


def page_of(found: Sequence[Job], limit: int) -> Found[Job]:
    """The first `limit` of those that were found, in order, and where the next page begins."""
    items = found[:limit]
    more = len(found) > limit
    return Found(items, BY_DATE.place_of(items[-1].made_at, items[-1].id) if more else "")


class Jobs(Protocol):
    """Every method may raise Fault UNAVAILABLE. Instants are UTC, to the millisecond."""

    async def keep(self, id: str, number: int, piece: bytes, now: datetime) -> None:
        """A piece of a job's file, at most `PIECE` bytes; the first of its number stays."""

    async def add(self, job: Job) -> Job:
        """The job, or the one that is there under its id. Its file must be kept."""

    async def get(self, district: str, id: str) -> Job | None: ...

    async def page(self, district: str, by: ByDate, after: str, limit: int) -> Found[Job]:
        """Those made within the bounds of `by`, the newest first, without their reports. Raises
        Fault INVALID `page_token` where nothing ends at `after`."""

    async def unfinished(self, district: str) -> Sequence[Job]:
        """Those that wait or run, the oldest first, without their reports."""

    async def last_good(self, district: str) -> datetime | None:
        """When that import had ended which is the last of those made that wrote what its file says;
        None where none is known."""

    async def take(self, now: datetime, until: datetime, holder: str) -> Job | None:
        """Hold the oldest job that may begin, or go on since its holder has not held it until
        now: one of a district at a time. None: there is none."""

    async def hold(
        self, id: str, holder: str, until: datetime, told: Mapping[str, Any] | None = None
    ) -> bool:
        """Hold it on, and set what is `told` of it (fields of a Job). False, and nothing is
        changed, where it is somebody else's, or at its end."""

    async def settle(
        self, id: str, holder: str, state: JobState, now: datetime, code: str = "", detail: str = ""
    ) -> bool:
        """End it, and delete its file. False as `hold`."""

    def file(self, id: str) -> AsyncIterator[bytes]:
        """The pieces of its file, in their order."""
