"""A district's rows on a real MongoDB."""

import pytest

from services.chassis.backing import MongoRows
from services.chassis.mongo import Database
from services.chassis.views.mongo_views import MongoViews
from tests.support.district_rows_suite import DistrictRowsSuite


class TestMongoRows(DistrictRowsSuite):
    @pytest.fixture
    async def views(self, db: Database) -> MongoViews:
        views = MongoViews(db)
        await views.ensure_indexes()
        return views

    @pytest.fixture
    def reader(self, db: Database) -> MongoRows:
        return MongoRows(db)
