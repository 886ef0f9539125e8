"""The rows of a service's own access view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.access.projection import COLLECTION, SCHOOL_DAYS
from services.access.view import access_view
from services.chassis.backing import RowReader
from services.chassis.views.projection import Row


class AccessRowsOf:
    """`directory.AccessRows` and `school_days.StoredDays` over a service's own access view."""

    def __init__(self, service: str, rows: RowReader) -> None:
        self._view = access_view(service)
        self._rows = rows

    async def access_rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        return await self._rows.rows(self._view, COLLECTION, ids)

    async def school_days(self, district: str, most: int) -> Sequence[Row]:
        return await self._rows.of_district(self._view, SCHOOL_DAYS, district, most)
