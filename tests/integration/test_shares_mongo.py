"""Shares on MongoDB: each question is answered by an index, and reads hardly more than it shows."""

from __future__ import annotations

from typing import Any

import pytest

from services.access.sharing.cases import BY_DATE, _bounds
from services.chassis.mongo import Database
from services.chassis.write.mongo_documents import FindIndex, MongoDocuments
from services.goals.bootstrap import INDEXES as GOALS
from services.observations.bootstrap import INDEXES as OBSERVATIONS
from tests.support.documents_suite import START, document, event

STATES = ("open", "revoked", "expired")


async def newest(db: Database) -> dict[str, Any]:
    """The newest profiled read of the aggregates."""
    asked = {"ns": f"{db.name}.aggregates", "op": {"$in": ["query", "command"]}}
    found = await db["system.profile"].find_one(asked, sort=[("$natural", -1)])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "indexes"), [("goal_share", GOALS), ("observation_share", OBSERVATIONS)]
)
async def test_every_question_has_its_index(
    db: Database, kind: str, indexes: tuple[FindIndex, ...]
) -> None:
    store = MongoDocuments(db, indexes)
    await store.ensure_indexes()
    for n in range(120):
        state = {
            "teacher": f"t{n % 4}",
            "artifact": f"g{n % 12}",
            "audience": [f"r{n % 5}", f"r{n % 7}"],
            "state": STATES[n // 12 % 3],
            "created_at": START,
            "text": "x" * 500,
        }
        await store.insert(document(f"id{n:03d}", kind=kind, state=state), event(1, f"id{n:03d}"))
    await db.command("profile", 2)
    lets_in = {"artifact": "g3", "audience": "r3", "state": "open"}
    for where, by, most in (
        (lets_in, None, 4),  # as many as are open of the artifact
        ({"audience": "r3", "state": "open"}, None, 20),
        ({"artifact": "g3"}, None, 10),
        ({"teacher": "t1"}, BY_DATE, 30),
        ({"teacher": "t1", "artifact": "g1"}, BY_DATE, 10),
    ):
        page = await store.find("d1", kind, where, "", 50, by=by)
        read = await newest(db)
        assert page.documents, where
        assert "IXSCAN" in read["planSummary"], where
        assert read["docsExamined"] <= most, (where, read["planSummary"], read["docsExamined"])
    assert await store.counts("d1", kind, _bounds("g3")) == [10, 4]
    counted = await newest(db)
    assert (counted["docsExamined"], counted["keysExamined"] <= 18) == (0, True)
