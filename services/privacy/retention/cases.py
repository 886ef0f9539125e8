"""What callers ask of the clock of retention."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.guarded import About, GuardedReads
from services.chassis.call import Call
from services.chassis.kernel import if_there
from services.chassis.write.write_path import WritePath
from services.privacy.retention.domain import RetentionClock
from services.privacy.retention.resources import RetentionClockResource, retention_resource

OF_THE_DISTRICT = "retention"  # of its id, beside the district


@dataclass(frozen=True, slots=True)
class Ports:
    path: WritePath[RetentionClock]
    reads: GuardedReads


async def get_retention(ports: Ports, call: Call) -> RetentionClockResource:
    """How many records there are that are kept for a time, when they go, and what went last.

    Numbers alone, of nobody: a dry run of what the clock erases next, by class and school year."""

    async def read() -> RetentionClockResource:
        id_ = ports.path.derived_id(call.district, OF_THE_DISTRICT)
        found = await if_there(ports.path.get(call.district, id_))
        return retention_resource(found or RetentionClock(id=id_, district=call.district))

    return await ports.reads.one(call, About(), read)
