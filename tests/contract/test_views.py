"""The memory twin of the views' store."""

import pytest

from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import ParkedMessages
from tests.support.views_suite import ViewsSuite


class TestMemoryViews(ViewsSuite):
    @pytest.fixture
    def views(self) -> MemoryViews:
        return MemoryViews()

    @pytest.fixture
    def messages(self, views: MemoryViews) -> ParkedMessages:
        return views
