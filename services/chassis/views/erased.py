"""Districts of which everything was erased: what was published before that changes no view any
more, from wherever it comes late: a topic, a journal that somebody wrote meanwhile, what is parked.

Each is one record, `{_id: district, erased_at}`, in the collection `erased_districts` of every
service's database. Whoever erases writes it first. Views read it anew every half minute.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from services.chassis.kernel import Clock
from services.chassis.mongo import Database
from services.chassis.views.decode import Decoded, ToPark

COLLECTION = "erased_districts"
READ_EVERY = timedelta(seconds=30)
RETAINED = timedelta(days=35)  # by topics: what nobody can read is no older than that
Item = TypeVar("Item", bound=Decoded | ToPark)
_Read = Callable[[], Awaitable[Mapping[str, datetime]]]


async def erased_districts(database: Database) -> Mapping[str, datetime]:
    """When each was erased. 1 database command. Raises the driver's errors."""
    found: list[dict[str, Any]] = await database[COLLECTION].find().to_list(None)
    return {each["_id"]: each["erased_at"] for each in found}


class ErasedDistricts:
    """What `read` says, remembered for half a minute."""

    def __init__(self, read: _Read, clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._known: Mapping[str, datetime] = {}
        self._until: datetime | None = None

    async def known(self) -> Mapping[str, datetime]:
        """Raises as `read`. 1 database command every half minute."""
        now = self._clock.now()
        if self._until is None or now >= self._until:
            self._known = await self._read()
            self._until = now + READ_EVERY
        return self._known

    async def without(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those that are not of before. Raises as `known`."""
        known = await self.known()
        if not known:
            return items
        now = self._clock.now()
        return [each for each in items if not _is_of_before(each, known, now)]


def _is_of_before(item: Decoded | ToPark, known: Mapping[str, datetime], now: datetime) -> bool:
    envelope = item.envelope
    district = envelope.district if envelope is not None else _district_of(item)
    erased_at = known.get(district)
    if erased_at is None:
        return False
    if envelope is None:
        return now < erased_at + RETAINED
    return envelope.occurred_at <= erased_at


def _district_of(item: Decoded | ToPark) -> str:
    return item.district if isinstance(item, ToPark) else item.envelope.district
