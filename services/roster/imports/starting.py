"""What callers do with imports: they send a file, and see what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from services.chassis.call import Call
from services.chassis.fields import Day
from services.chassis.kernel import Fault, Kind, invalid, not_found
from services.chassis.write.ids import created_id
from services.chassis.write.loading import Found
from services.roster.imports.cases import Ports
from services.roster.imports.jobs import BY_DATE, Job

CLOCKS_DIFFER = timedelta(minutes=5)
MOST_WAITING = 4  # imports of one district, with the one that runs


class Upload(Protocol):
    """A file that is all there."""

    @property
    def sha256(self) -> str: ...

    @property
    def size(self) -> int: ...

    async def changes(self) -> bool:
        """Whether it says of some noun only what has changed. Raises Fault INVALID or TOO_LARGE
        where nothing of it can be used."""

    def pieces(self) -> AsyncIterator[bytes]: ...


async def start_import(
    ports: Ports,
    call: Call,
    file: Upload,
    *,
    validate_only: bool,
    allow_removals: bool,
    asked_at: datetime | None = None,
) -> Job:
    """Keep a file until its turn comes: the imports of a district run one after the other. While
    the same file waits or is imported for the same caller, sending it again changes nothing:
    that import is answered. `asked_at`: when its source was asked for what the file says, which is
    not to come. Raises Fault INVALID or TOO_LARGE where nothing of the file can be used, LIMITED
    where 4 of the district wait."""
    now = ports.clock.now()
    if asked_at is not None and asked_at > now + CLOCKS_DIFFER:
        raise invalid(
            "asked_at_to_come", "Nobody has asked at an instant that is to come.", "/asked_at"
        )
    changes = await file.changes()
    by = call.principal.caller
    wanted = (by, file.sha256, validate_only, allow_removals)
    unfinished = await ports.jobs.unfinished(call.district)
    for each in unfinished:
        if (each.by, each.sha256, each.validate_only, each.allow_removals) == wanted:
            return each
    if len(unfinished) >= MOST_WAITING:
        raise Fault(Kind.LIMITED, "imports_waiting", "Other imports are waiting; try later.")
    job_id = created_id(call)
    number = 0
    async for piece in file.pieces():
        await ports.jobs.keep(job_id, number, piece, now)
        number += 1
    return await ports.jobs.add(
        Job(
            id=job_id,
            district=call.district,
            by=by,
            validate_only=validate_only,
            allow_removals=allow_removals,
            sha256=file.sha256,
            size=file.size,
            made_at=now,
            asked_at=asked_at,
            changes=changes,
        )
    )


async def find_import(ports: Ports, call: Call, id: str) -> Job:
    """Raises Fault NOT_FOUND."""
    await ports.access.allow(call)
    found = await ports.jobs.get(call.district, id)
    if found is None:
        raise not_found()
    return found


async def list_imports(
    ports: Ports,
    call: Call,
    *,
    from_date: Day | None = None,
    to_date: Day | None = None,
    after: str,
    limit: int,
) -> Found[Job]:
    """Imports by when their file was kept, the newest first: who sent what, when, and what became
    of it. They are kept for 400 days."""
    await ports.access.allow(call)
    by = BY_DATE.between(*ports.days.span(call.district, from_date, to_date))
    return await ports.jobs.page(call.district, by, after, limit)
