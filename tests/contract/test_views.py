"""The memory twin of the views' store."""

import pytest

from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import MOST_BYTES, ParkedMessages, park
from tests.support.goal_cards import START
from tests.support.views_suite import NOW, RECORD, ViewsSuite


class TestMemoryViews(ViewsSuite):
    @pytest.fixture
    def views(self) -> MemoryViews:
        return MemoryViews()

    @pytest.fixture
    def messages(self, views: MemoryViews) -> ParkedMessages:
        return views


def test_of_a_record_that_no_store_takes_only_its_place_is_kept() -> None:
    record = RECORD._replace(value=b"x" * MOST_BYTES, headers=(("ce_id", b"y"),))
    kept = park(NOW.group, record, None, "too large", START).record
    assert (kept.value, kept.headers, kept[:3], kept.key) == (None, (), record[:3], record.key)


async def test_a_district_that_was_erased_is_told() -> None:
    views = MemoryViews()
    assert await views.erased_districts() == {}
    views.erased["d1"] = START
    assert await views.erased_districts() == {"d1": START}
