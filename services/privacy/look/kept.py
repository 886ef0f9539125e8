"""The list of who looked at what is about a person, as a records request gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

from services.assembly.personal_records.domain import (
    PersonalRecord,
    Read,
    RecordPart,
    Whose,
    as_json,
)
from services.privacy.look.looks import Filter, Looks

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class LooksAtHer:
    """The newest first. A place is the number of the last that was read."""

    looks: Looks

    async def read(self, whose: Whose, after: str) -> AsyncIterator[Read]:
        while True:
            where = whose.district, whose.person
            found = await self.looks.page(where, Filter(), after, AT_ONCE)
            for each in found.items:
                told = {name: value for name, value in asdict(each.told).items() if value}
                del told["district"], told["event"]
                content = as_json({**told, "hash": each.hash})
                part, at = RecordPart.LOOK, each.told.last_at
                yield (
                    PersonalRecord(part, "look", "person", each.id, each.number, at, content),
                    str(each.number),
                )
            if not found.after:
                return
            after = found.after
