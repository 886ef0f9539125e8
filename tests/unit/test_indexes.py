"""Indexes are made, or only looked at: what is missing, and what has a name but is another one."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.indexes import ensure, only_looking
from services.chassis.mongo import IndexModel

MODELS = [IndexModel([("district", 1), ("_id", 1)], name="by_district"), IndexModel("waiting")]
BOTH = {
    "_id_": {"key": [("_id", 1)]},
    "by_district": {"key": [("district", 1), ("_id", 1)]},
    "waiting_1": {"key": [("waiting", 1)]},
}


class Kept:
    """A collection that knows its indexes."""

    name = "journal"

    def __init__(self, known: dict[str, Any]) -> None:
        self.known, self.made = known, 0

    async def index_information(self) -> dict[str, Any]:
        return self.known

    async def create_indexes(self, models: list[IndexModel]) -> None:
        self.made += len(models)


OTHER = {**BOTH, "by_district": {"key": [("_id", 1), ("district", 1)]}}


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (BOTH, []),
        ({}, ["journal.by_district", "journal.waiting_1"]),
        (OTHER, ["journal.by_district"]),
    ],
)
async def test_who_only_looks_is_told_what_is_missing(
    known: dict[str, Any], missing: list[str]
) -> None:
    kept: Any = Kept(known)
    with only_looking() as found:
        await ensure(kept, MODELS)
    assert found == missing
    assert kept.made == 0
    await ensure(kept, MODELS)
    assert kept.made == 2
