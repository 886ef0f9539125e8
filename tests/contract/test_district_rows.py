"""The memory twin of who reads a district's rows."""

import pytest

from services.chassis.backing import MemoryRows
from services.chassis.views.memory_views import MemoryViews
from tests.support.district_rows_suite import DistrictRowsSuite


class TestMemoryRows(DistrictRowsSuite):
    @pytest.fixture
    def views(self) -> MemoryViews:
        return MemoryViews()

    @pytest.fixture
    def reader(self, views: MemoryViews) -> MemoryRows:
        return MemoryRows(views)
