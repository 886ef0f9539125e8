"""Of a district that was erased nothing comes back, however late; others are served."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

from services.chassis.log.envelope import Record
from services.chassis.views.erased import READ_EVERY
from services.chassis.views.memory_views import MemoryViews
from services.privacy import bootstrap
from services.privacy.look.memory_looks import MemoryLooks
from tests.support.coaching import Coaching
from tests.support.platform import Platform

HER, ADMIN = "teacher-0001", "admin-01"
UNREADABLE = b"\xff\xff"


class Site:
    """Two districts that share ids, of which one is erased as an operator does it."""

    def __init__(self) -> None:
        self.looks = MemoryLooks()
        with patch.object(bootstrap, "MemoryLooks", lambda: self.looks):
            self.platform = Platform()

    async def begin(self) -> None:
        for district in ("north", "south"):
            people = Coaching(self.platform, district)
            await people.import_roster()
            await self.platform.settle()
            await self.platform.ask(f"{district}/{ADMIN}", "GET", f"/roster/v1/people/{HER}")
            await self.platform.settle()

    def views(self) -> Iterator[MemoryViews]:
        for service in self.platform.services.values():
            assert isinstance(service.backing.views, MemoryViews)
            yield service.backing.views

    def erase(self, district: str) -> None:
        """What `tandem privacy erase-district` does to views and lists, and the record that it
        leaves; by then all have read that."""
        at = self.platform.clock.now()
        self.looks.erased[district] = at
        for views in self.views():
            views.erased[district] = at
            for rows in views.rows.values():
                for id_ in [id_ for id_, row in rows.items() if row["district"] == district]:
                    del rows[id_]
        self.looks._lists = {
            whose: looks for whose, looks in self.looks._lists.items() if whose[0] != district
        }
        self.platform.clock.forward(seconds=READ_EVERY.total_seconds())

    def rows_of(self, district: str) -> int:
        return sum(
            row["district"] == district
            for views in self.views()
            for rows in views.rows.values()
            for row in rows.values()
        )

    def parked(self) -> int:
        return sum(len(views.parked) for views in self.views())

    def looks_of(self, district: str) -> int:
        return sum(len(looks) for whose, looks in self.looks._lists.items() if whose[0] == district)

    async def all_again(self) -> None:
        """Every record once more, and a copy that nobody can read."""
        log = self.platform.log
        records: list[Record] = [
            each
            for topic in sorted({topic for topic, _ in log._records})
            for each in log.all(topic)
        ]
        for each in records:
            assert each.key is not None
            log.append(each.topic, each.key, each.value, each.headers)
            if each.key == f"north:{HER}".encode():
                log.append(each.topic, each.key, UNREADABLE, ())
        await self.platform.settle()


async def test_what_comes_late_of_an_erased_district_changes_nothing() -> None:
    site = Site()
    await site.begin()
    before = site.rows_of("south"), site.looks_of("south")
    assert site.rows_of("north") > 0 < site.looks_of("north")
    site.erase("north")
    await site.all_again()
    assert (site.rows_of("north"), site.looks_of("north"), site.parked()) == (0, 0, 0)
    assert (site.rows_of("south"), site.looks_of("south")) == before
