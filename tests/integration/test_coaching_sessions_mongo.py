"""Coaching sessions on MongoDB: a teacher's list, a coach's and a series are each read in the order
of an index, one command a page, however many teachers a session is of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.chassis.mongo import Database
from services.chassis.write.by_date import Order
from services.chassis.write.documents import Scalar
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.quota import Bound
from services.programs.bootstrap import INDEXES
from services.programs.session.cases import BY_DATE
from services.programs.session.lists import seen_by
from tests.integration.test_lists_mongo import stages
from tests.support.documents_suite import START, document, event

STATES = ("scheduled", "held", "cancelled")
COUNT, LIMIT = 240, 10


async def filled(db: Database) -> MongoDocuments:
    """Of each date two sessions, every third of which is of three teachers."""
    store = MongoDocuments(db, INDEXES)
    await store.ensure_indexes()
    for n in range(COUNT):
        state = {
            "teachers": ["t1", "t2", "t3"] if n % 3 == 0 else [f"t{n % 4}"],
            "coach": f"c{n % 2}",
            "school_year": 2027,
            "series": f"s{n // 40}",
            "state": STATES[n % 3],
            "starts_at": START + timedelta(days=n // 2),
            "text": "x" * 300,
        }
        new = document(f"id{n:04d}", kind="coaching_session", state=state)
        await store.insert(new, event(1, f"id{n:04d}"))
    return store


def has(state: Mapping[str, Any], where: Mapping[str, Scalar]) -> bool:
    return all(
        value in state[name] if isinstance(state[name], list) else value == state[name]
        for name, value in where.items()
    )


async def test_every_page_is_one_command_in_the_order_of_an_index(db: Database) -> None:
    store = await filled(db)
    asked: list[tuple[dict[str, Scalar], dict[str, Scalar] | None, list[Mapping[str, Scalar]]]] = [
        ({"teachers": "t1"}, None, []),
        ({"teachers": "t1"}, {"state": "cancelled"}, []),
        ({"teachers": "t1", "school_year": 2027}, {"state": "cancelled"}, []),
        ({"teachers": "t1"}, {"state": "cancelled"}, seen_by("c1")),
        ({"coach": "c1"}, {"state": "cancelled"}, []),
        ({"coach": "c1", "school_year": 2027, "state": "held"}, None, []),
        ({"series": "s2"}, None, []),
    ]
    for order in Order:
        for where, unless, either in asked:
            found, after = list[str](), ""
            while True:
                await db.command("profile", 2)
                page = await store.find(
                    "d1", "coaching_session", where, after, LIMIT, None, 1,
                    BY_DATE.first(order), unless, either,
                )  # fmt: skip
                await db.command("profile", 0)
                (read,) = await db["system.profile"].find({"op": "query"}).to_list(None)
                await db["system.profile"].drop()
                told = (order, where, unless, either, after, read["planSummary"])
                used = set(stages(read["execStats"]))
                assert "IXSCAN" in used, told
                assert not used & {"SORT", "COLLSCAN"}, told
                found += [each.id for each in page.documents]
                after = page.after
                if not after:
                    break
            everything = await store.find("d1", "coaching_session", {}, "", 1_000)
            wanted = [
                each.id
                for each in everything.documents
                if has(each.state, where)
                and not (unless and has(each.state, unless))
                and (not either or any(has(each.state, one) for one in either))
            ]
            assert sorted(found) == sorted(wanted), (order, where)
            assert len(set(found)) == len(found)


async def test_how_many_there_are_of_a_teacher_is_counted_along_an_index(db: Database) -> None:
    store = await filled(db)
    bounds = [
        Bound({"coach": "c1", "school_year": 2027}, 1_000, "", ""),
        Bound({"teachers": "t1", "school_year": 2027}, 1_000, "", ""),
    ]
    of_coach, of_teacher = await store.counts("d1", "coaching_session", bounds)
    assert of_coach == COUNT / 2
    assert of_teacher == sum(n % 3 == 0 or n % 4 == 1 for n in range(COUNT))
