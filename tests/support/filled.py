"""The platform in this process, filled: see `filling`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from unittest.mock import patch

from services.access.districts import Districts
from services.assembly import service as assembled
from services.chassis.backing import MemoryBacking
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Timing
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_drafts import MemoryDrafts
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.memory_sealing import MemorySealingKey
from services.chassis.write.sealing import KEY_BYTES
from services.surveys import bootstrap
from services.surveys.administration.memory_seats import MemorySeats
from tests.support.filled_again import put, recording, taken
from tests.support.filling import Filling
from tests.support.operations import Ids
from tests.support.platform import Platform
from tests.support.policies import with_keys

_filled: dict[tuple[str, str], tuple[bytes, Ids]] = {}  # by district and canary


class SameKey(MemorySealingKey):
    """By which a take-out is signed each time by the same key."""

    def __init__(self) -> None:
        self._key = bytes(KEY_BYTES)


class Filled(Platform):
    """`ids[district]` names one object in each state that an operation needs."""

    def __init__(self, districts: Districts | None = None) -> None:
        self.seats = MemorySeats()
        self.drafts: list[MemoryDrafts] = []
        self._own: list[object] = []  # stores of single services, in the order of their making
        with (
            patch.object(MemoryBacking, "_own", recording(self._own)),
            patch.object(bootstrap, "MemorySeats", lambda: self.seats),
            patch.object(assembled, "MemoryDrafts", self._another),
            patch.object(assembled, "MemorySealingKey", SameKey),
        ):
            super().__init__(districts=districts or with_keys("union"))
        for service in self.services.values():
            for projector in service.projectors:
                projector.timing = Timing(wait=0)
        self.ids: dict[str, Ids] = {}
        self._plain = districts is None and type(self) is Filled

    def _another(self) -> MemoryDrafts:
        self.drafts.append(MemoryDrafts())
        return self.drafts[-1]

    async def fill(self, district: str, canary: str = "", *, anew: bool = False) -> None:
        """`<canary>` stands in every text of the district. The first of a platform is made once a
        process and put into the others, unless somebody looks at how it is made (`anew`)."""
        if anew or self.ids or not self._plain:
            self.ids[district] = await Filling(self, self, self.settle).fill(district, canary)
            return
        stores = self._stores()
        if (district, canary) not in _filled:
            ids = await Filling(self, self, self.settle).fill(district, canary)
            _filled[district, canary] = taken(stores), ids
        else:
            packed, ids = _filled[district, canary]
            put(stores, packed)
            await self.settle()  # its projectors begin where those of the other were
        self.ids[district] = {**ids}

    def _stores(self) -> list[object]:
        """All that is kept anywhere."""
        backings = [each.backing for each in self.services.values()]
        kept = [part for each in backings for part in (each.store, each.journal, each.views)]
        return [self.log, self.clock, *kept, *self._own]

    def stored(self) -> Mapping[str, object]:
        """Everything that is kept anywhere, to be compared before and after."""
        kept: dict[str, object] = {"seats": repr(self.seats.__dict__)}
        kept["drafts"] = [dict(each.kept) for each in self.drafts]
        for name, service in self.services.items():
            store, journal, views = (
                service.backing.store,
                service.backing.journal,
                service.backing.views,
            )
            assert isinstance(store, MemoryDocuments)
            assert isinstance(journal, MemoryJournal)
            assert isinstance(views, MemoryViews)
            kept[name] = {
                key: (each.document.version, each.state, len(each.outbox), each.document.keys)
                for key, each in store._stored.items()
            }
            kept[f"{name} journal"] = len(journal._entries)
            kept[f"{name} parked"] = len(views.parked)
        return kept


@cache
def unfilled() -> Filled:
    """One in which nothing ever happens: what operations there are is read of it."""
    return Filled()
