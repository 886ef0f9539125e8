"""Lists by date on MongoDB: a page is one command, in the order of an index, and reads no document
that it does not show, however many there are before, after and between, but for what is hidden from
who asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.mongo import Database
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import Scalar
from services.chassis.write.find_indexes import FindIndex
from services.chassis.write.mongo_documents import MongoDocuments
from services.goals import bootstrap as goals
from services.goals.goal.cases import BY_DATE as GOALS
from services.observations import bootstrap as observations
from services.observations.observation.cases import BY_DATE as OBSERVATIONS
from services.observations.observation.lists import seen_by
from services.programs import bootstrap as programs
from services.programs.relationship.cases import BY_DATE as RELATIONSHIPS
from tests.support.documents_suite import START, document, event

GONE = {"goal": "withdrawn", "observation": "cancelled", "relationship": "declined"}
STATES = ("draft", "active", "closed")
LIMIT = 10
OF_O1 = seen_by("o1")  # a coach's, to whom those of others that are not shared are hidden


async def filled(
    db: Database, kind: str, by: ByDate, indexes: Sequence[FindIndex], of_her: int
) -> MongoDocuments:
    """Hers of two years, of each date two, every fifth taken back; and as many of others."""
    store = MongoDocuments(db, indexes)
    await store.ensure_indexes()
    for n in range(2 * of_her):
        state = {
            "teacher": ("t1", "t2")[n % 2],
            "school_year": 2027 + n // of_her,
            "observer": f"o{n // 2 % 4}",
            "state": GONE[kind] if n % 5 == 0 else STATES[n % 3],
            by.field: START + timedelta(days=n // 4),
            "text": "x" * 500,
        }
        await store.insert(document(f"id{n:04d}", kind=kind, state=state), event(1, f"id{n:04d}"))
    return store


def stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, Mapping):
        if "stage" in plan:
            yield plan["stage"]
        for inner in plan.values():
            yield from stages(inner)
    if isinstance(plan, list):
        for inner in plan:
            yield from stages(inner)


@pytest.mark.parametrize("of_her", [3, 400])
@pytest.mark.parametrize(
    ("kind", "by", "indexes"),
    [
        ("goal", GOALS, goals.INDEXES),
        ("observation", OBSERVATIONS, observations.INDEXES),
        ("relationship", RELATIONSHIPS, programs.INDEXES),
    ],
)
async def test_every_page_is_one_command_in_the_order_of_an_index(
    db: Database, kind: str, by: ByDate, indexes: Sequence[FindIndex], of_her: int
) -> None:
    store = await filled(db, kind, by, indexes, of_her)
    hers: dict[str, Scalar] = {"teacher": "t1"}
    gone: dict[str, Scalar] = {"state": GONE[kind]}
    asked: list[tuple[dict[str, Scalar], dict[str, Scalar] | None, list[Mapping[str, Scalar]]]] = [
        (hers, None, []),
        (hers, gone, []),
        ({**hers, "state": "active"}, None, []),
        ({**hers, "school_year": 2027}, gone, []),
        ({**hers, "school_year": 2028, "state": "draft"}, None, []),
        ({**hers, **gone}, None, []),
    ]
    if kind == "observation":
        asked += [(hers, gone, OF_O1), ({**hers, "school_year": 2027}, None, OF_O1)]
    for order in Order:
        for where, unless, either in asked:
            after = ""
            for _ in range(3):
                await db.command("profile", 2)
                page = await store.find(
                    "d1", kind, where, after, LIMIT, None, 1, by.first(order), unless, either
                )
                await db.command("profile", 0)
                (read,) = await db["system.profile"].find({"op": "query"}).to_list(None)
                await db["system.profile"].drop()
                told = (order, where, unless, either, after, read["planSummary"])
                used = set(stages(read["execStats"]))
                assert "IXSCAN" in used, told
                assert not used & {"SORT", "COLLSCAN"}, told
                assert not read.get("hasSortStage"), told
                same_date = 2 if after else 0  # behind which the page begins
                if not either:  # which no index tells: it is looked at in each document
                    assert read["docsExamined"] <= len(page.documents) + 1 + same_date, told
                assert read["docsExamined"] <= of_her, told
                after = page.after
                if not after:
                    break
