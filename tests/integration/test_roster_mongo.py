"""A roster on a real MongoDB: what is written, and that lists go by their indexes."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.mongo import Database
from services.chassis.write.mongo_documents import COLLECTION, MongoDocuments
from services.roster.bootstrap import INDEXES
from services.roster.class_.cases import list_classes
from services.roster.imports.plan import NounCounts
from services.roster.person.cases import list_people
from tests.support.roster_files import Service, call_for, edited, good_files


@pytest.fixture
async def service(db: Database) -> Service:
    documents = MongoDocuments(db, INDEXES)
    await documents.ensure_indexes()
    return Service(documents)


async def test_an_import_and_the_same_again(service: Service) -> None:
    first = await service.load(good_files())
    assert first.counts["people"] == NounCounts(created=4)
    assert len(await service.published()) == 12
    again = await service.load(good_files())
    assert sum(each.unchanged for each in again.counts.values()) == 12
    assert await service.published() == []
    changed = await service.load(edited("users.csv", "t2,Ben,Baker", "t2,Bea,Baker"))
    assert changed.counts["people"] == NounCounts(changed=1, unchanged=3)
    assert await service.published() == [("PersonUpserted", ("north:teacher-2",))]


async def test_lists_find_by_role_place_and_teacher(service: Service) -> None:
    await service.load(good_files())
    await service.load(good_files(), district="south")
    people = await list_people(
        service.ports.person,
        call_for("list_people", "admin-1"),
        role="teacher",
        org_id="school-1",
        after="",
        limit=9,
    )
    assert [each.id for each in people.items] == [
        "north/person/teacher-1",
        "north/person/teacher-2",
    ]
    classes = await list_classes(
        service.ports.class_,
        call_for("list_classes", "admin-1"),
        teacher_id="teacher-1",
        after="",
        limit=9,
    )
    assert [each.id for each in classes.items] == ["north/class/class-1"]


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("org", {}),
        ("session", {}),
        ("person", {}),
        ("person", {"state.held": "teacher@"}),
        ("class", {}),
        ("class", {"state.teachers": "teacher-1"}),
    ],
)
async def test_no_list_sorts_or_scans(
    service: Service, db: Database, kind: str, where: dict[str, Any]
) -> None:
    await service.load(good_files())
    asked = {"district": "north", "kind": kind, "_id": {"$gt": ""}, "state.status": "active"}
    plan = await db[COLLECTION].find({**asked, **where}).sort("_id", 1).limit(9).explain()
    found = str(plan["queryPlanner"]["winningPlan"])
    by = "_".join(name.removeprefix("state.") for name in where)
    assert f"find_{kind}_{by}" in found or f"find_any_{by}" in found  # which several kinds have
    assert "COLLSCAN" not in found
    assert "'SORT'" not in found


@pytest.mark.parametrize("order", ["entered_at", "over_at"])
@pytest.mark.parametrize("side", [{}, {"state.teacher": "t"}, {"state.substitute": "s"}])
async def test_no_list_of_covers_sorts_or_scans(
    service: Service, db: Database, order: str, side: dict[str, str]
) -> None:
    way = -1 if order == "entered_at" else 1
    asked = {"district": "north", "kind": "cover", "state.state": "open", **side}
    found = db[COLLECTION].find(asked).sort([(f"state.{order}", way), ("_id", way)]).limit(9)
    plan = str((await found.explain())["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in plan
    assert "'SORT'" not in plan
    assert f"state.{order}" in plan
