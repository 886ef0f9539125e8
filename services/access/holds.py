"""On whom a legal hold is, as far as the access view of this service knows: what is about several
people is kept whole as long as there is one on any of them, whoever's order it is that asks for it.
"""

from __future__ import annotations

from collections.abc import Collection

from services.access.directory import ReadsManyAnew
from services.access.facts import HOLDS
from services.access.merges import records_of_all
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Row, is_marked

MOST_RECORDS = 10_000  # of the people whom one thing names


async def on_any(view: ReadsManyAnew, district: str, people: Collection[str]) -> bool:
    """Whether there is one on any record of any of these. Raises Fault UNAVAILABLE `not_known_yet`
    where that, or which records are one person, cannot be read. 2 database commands, and those of
    `records_of_all`."""
    records = await records_of_all(view, district, people, MOST_RECORDS)
    rows = await view.read_many_anew([f"{district}:{each}" for each in records])
    held = [_held(row) for row in rows]  # each, since any may be unreadable
    return any(held)


def _held(row: Row) -> bool:
    unread: list[Exception] = []
    found = HOLDS.all_in(row, "holds", unread.append) if row else ()
    if unread or any(is_marked(row, each.id) for each in found):
        raise Fault(Kind.UNAVAILABLE, "not_known_yet", "On whom a legal hold is is not known.")
    return any(each.held for each in found)
