"""On whom a legal hold is, as the orders to erase that begin tell the services."""

from __future__ import annotations

from collections.abc import Sequence

from services.access.directory import ReadsAnew
from services.access.merges import records_of
from services.chassis.duties.each import every
from services.chassis.write.write_path import WritePath
from services.privacy.erasure.domain import MOST_HELD, Erasure, ErasureState, LegalHold


async def holds_in_force(
    erasures: WritePath[Erasure], view: ReadsAnew, district: str
) -> Sequence[LegalHold] | None:
    """All of a district, read from where they are placed; None where they are more than an order
    can tell of. Raises Fault UNAVAILABLE where this build cannot read one, or which records are one
    person is not known yet. 1 database command for each record that is held or beside one that is,
    and those of `every`."""
    found: list[LegalHold] = []
    records = 0
    async for each in every(erasures, district, {"state": ErasureState.HELD.value}):
        hers = await records_of(view, district, each.person, whichever=True)
        records += len(hers)
        if records > MOST_HELD:
            return None
        found.append(LegalHold(each.person, each.version, tuple(hers)))
    return found
