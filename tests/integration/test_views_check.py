"""A view is compared with journals and mended beside its projector, on a real Kafka and MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.log.connections import Proof
from services.chassis.mongo import Database
from services.chassis.write.documents import JournalEntry
from services.ctl.checking import check
from services.ctl.engines import Engines
from services.ctl.rebuilding import View
from tests.support.goal_cards import Mixed
from tests.support.journals import journals_of
from tests.support.kafka import new_topics
from tests.support.projected import Projected


class Place(Projected):
    """With a journal."""

    def __init__(self, engines: Engines, topics: tuple[str, ...], db: Database) -> None:
        super().__init__(engines, topics, db)
        self.entries: dict[str, JournalEntry] = {}

    async def publish(self, seed: int, count: int) -> Sequence[Mixed]:
        events = await super().publish(seed, count)
        for each in events:
            self._journal(each)
        return events

    def _journal(self, each: Mixed) -> None:
        _, aggregate, event, broken = each
        data = event.data if broken is None else broken
        entry = JournalEntry(aggregate, "d1", replace(event, year=2027, data=data))
        self.entries.setdefault(f"{aggregate}:{event.version:08}", entry)

    async def check(self, *, mend: bool) -> dict[str, Any]:
        view = View("goals", self.projection)
        journals = await journals_of(self.entries.values())
        return await check(view, self.db, self.bootstrap, journals, proof=Proof(), mend=mend)


@pytest.fixture
async def place(engines: Engines, db: Database) -> Place:
    return Place(engines, await new_topics(engines.kafka_bootstrap_servers, [4, 4]), db)


async def test_what_was_lost_is_found_and_mended_beside_the_projector(place: Place) -> None:
    """Which has the rows in memory as they were, and goes on."""
    cards = place.db["cards"]
    async with place.running() as projector:
        await place.publish(1, 1_500)
        right = await place.check(mend=False)
        assert (right["lacking"], right["told"]) == (0, [])
        assert right["records"] > 100
        assert projector.counts.claims == 1  # nobody was disturbed
        await cards.delete_one({"_id": "d1:t3"})
        aged = await cards.find_one({"facts.goals.goal-t5-1": {"$exists": True}})
        assert aged is not None
        await cards.update_one({"_id": aged["_id"]}, {"$set": {"facts.goals.goal-t5-1.v": 0}})
        found = await place.check(mend=False)
        assert {one["row"] for one in found["told"]} == {"d1:t3", "d1:t5"}
        assert (await place.check(mend=False))["lacking"] == found["lacking"]
        mended = await place.check(mend=True)
        assert mended["mended"] == mended["lacking"] == found["lacking"]
        await place.agrees()
        await place.publish(2, 1_500)
        assert (await place.check(mend=True))["lacking"] == 0
        await place.agrees()
