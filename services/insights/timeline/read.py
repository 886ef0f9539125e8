"""What callers read: a teacher's timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.access.access import Access
from services.access.guarded import About, GuardedReads
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import IdOrMe
from services.chassis.kernel import Clock
from services.chassis.troubles import Troubles
from services.chassis.views.facts import facts_in
from services.chassis.views.projection import Row
from services.chassis.write.loading import Found
from services.insights.timeline.domain import ItemKind, TimelineItem, as_seen_by, kinds_shown
from services.insights.timeline.facts import MADE_AT, said_of
from services.insights.timeline.stores import Reading, Timelines

IN_TROUBLE = "a timeline"


@dataclass(frozen=True, slots=True)
class Ports:
    timelines: Timelines
    reads: GuardedReads
    names: Names
    access: Access
    clock: Clock
    stale_after: timedelta
    troubles: Troubles


async def list_timeline(
    ports: Ports, call: Call, *, teacher_id: IdOrMe | None = None, after: str, limit: int
) -> Found[TimelineItem]:
    """A teacher's goals, observations, surveys and relationships of all years, newest first. The
    caller's own where nobody is named; for herself and, as far as she may see them, her assigned
    coach.

    What was taken back is not there. 2 database commands when warm."""

    teacher = teacher_id or call.principal.person

    async def read() -> Found[TimelineItem]:
        as_of = await ports.timelines.as_of()  # before the rows: they are at least this fresh
        reading = Reading(teacher, call.principal.person)
        if not reading.own:
            sees = await ports.access.sees(call, teacher)
            reading = replace(reading, kinds=kinds_shown(sees))
        talks = reading.own or await _talks(ports, call, teacher)
        page = await ports.timelines.page(call.district, reading, after, limit)
        items, left_out = [], 0
        for row in page.items:
            if not str(row["_id"]).startswith(f"{call.district}:{teacher}:"):
                ports.troubles.tell(IN_TROUBLE, call.district)  # whatever the row says of itself
                continue
            try:
                items.append(as_seen_by(reading.kinds, talks, item_of(row)))
            except Exception as error:  # noqa: BLE001 # of one row
                ports.troubles.tell(IN_TROUBLE, call.district, error)
                left_out += 1
        stale = ports.clock.now() - as_of > ports.stale_after
        more = {"as_of": as_of, "stale": stale}
        return Found(items, page.after, left_out, more)

    return await ports.reads.one(call, About(teacher=teacher), read)


async def _talks(ports: Ports, call: Call, teacher: str) -> bool:
    """Whether the caller is let see what is said of the teacher's goals."""
    tie = await ports.access.tie(call.district, call.principal.person, teacher)
    return tie is not None and tie.shows("goal")


def item_of(row: Row) -> TimelineItem:
    """From a stored row. Raises whatever a broken row leads to."""
    *_, name, id_ = str(row["_id"]).split(":", 3)
    kind, at = ItemKind(name), row["at"]
    if not isinstance(at, datetime):
        raise TypeError
    incomplete = bool(row["incomplete"])
    facts = facts_in(row, kind)
    if not facts:
        return TimelineItem(kind, id_, at, incomplete=incomplete)
    ((found, stored),) = facts
    changed = stored["at"]
    made = stored.get(MADE_AT)
    if not isinstance(changed, datetime) or not isinstance(made, datetime | None):
        raise TypeError
    return TimelineItem(kind, found, at, changed, made, said_of(kind, found, stored), incomplete)
