"""The in-memory store of timelines keeps the promises of its port."""

from __future__ import annotations

import pytest

from services.chassis.views.memory_views import MemoryViews, stored
from services.chassis.views.projection import Row
from services.insights.timeline.fold import TIMELINE
from services.insights.timeline.memory_timelines import MemoryTimelines
from tests.support.timelines_suite import TimelinesSuite


class MemoryShelf:
    def __init__(self) -> None:
        self._views = MemoryViews()
        self.timelines = MemoryTimelines(self._views)

    async def put(self, *rows: Row, into: str = TIMELINE) -> None:
        kept = self._views.rows.setdefault(into, {})
        kept.update({each["_id"]: stored(each) for each in rows})


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


class TestTimelines(TimelinesSuite):
    pass
