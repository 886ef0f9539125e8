"""MongoDB keeps the promises of the write side's store, by way of its indexes."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from services.access.fair_share import FairShare
from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import Database, connect, database, raw
from services.chassis.write.documents import OUTBOX_EVENTS, Document, JournalEntry
from services.chassis.write.find_indexes import FindIndex
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_journal import MongoJournal
from services.chassis.write.stored_events import to_stored
from services.chassis.write.summaries import Summaries
from services.goals.bootstrap import INDEXES as GOALS_INDEXES
from services.goals.goal.cases import SHARE as GOALS_SHARE
from services.goals.goal.codec import GOAL_SUMMARIES, GOALS
from services.goals.goal.outline import Progress
from services.observations.bootstrap import INDEXES as OBSERVATIONS
from services.observations.observation.cases import SHARE as OBSERVATIONS_SHARE
from services.surveys.administration.cases import SHARE as SURVEYS_SHARE
from services.surveys.bootstrap import INDEXES as SURVEYS
from tests.contract.test_goal_events import goal
from tests.support.documents_suite import (
    START,
    DocumentsSuite,
    JournalSuite,
    OutboxSuite,
    bound,
    document,
    event,
)
from tests.support.entries_suite import EntriesSuite
from tests.support.erasing_suite import ErasingSuite
from tests.support.keys_suite import KeysSuite
from tests.support.lists_suite import ListsSuite
from tests.support.states_suite import StatesSuite
from tests.support.turns_suite import TurnsSuite

INDEXES = [("thing", ("teacher",)), ("thing", ())]


@pytest.fixture
async def store(db: Database) -> MongoDocuments:
    documents = MongoDocuments(db, INDEXES)
    await documents.ensure_indexes()
    await documents.ensure_indexes()
    return documents


@pytest.fixture
async def journal(db: Database) -> MongoJournal:
    journal = MongoJournal(db)
    await journal.ensure_indexes()
    await journal.ensure_indexes()
    return journal


class TestDocuments(DocumentsSuite):
    async def fill(self, store: Any) -> None:
        """By one write: a thousand that each read and grow the outbox take their time."""
        waiting = [to_stored(event(version)) for version in range(1, OUTBOX_EVENTS + 1)]
        sets = {"version": OUTBOX_EVENTS, "outbox": waiting}
        await store._documents.update_one({"_id": "a"}, {"$set": sets})


class TestKeys(KeysSuite):
    pass


class TestOutbox(OutboxSuite):
    pass


class TestTurns(TurnsSuite):
    pass


class TestStates(StatesSuite):
    pass


class TestLists(ListsSuite):
    pass


class TestEntries(EntriesSuite):
    pass


class TestErasing(ErasingSuite):
    async def everything(self, store: Any, journal: Any, *secrets: bytes) -> list[bytes]:
        names = await store._documents.database.list_collection_names()
        held = [
            each.raw for name in names async for each in raw(store._documents.database[name]).find()
        ]
        return [each for each in secrets if any(each in one for one in held)]


class TestJournal(JournalSuite):
    pass


async def profiled(db: Database, collection: str) -> dict[str, Any]:
    """The newest profiled read of a collection."""
    found = await db["system.profile"].find_one(
        {"ns": f"{db.name}.{collection}", "op": {"$in": ["query", "command"]}},
        sort=[("$natural", -1)],
    )
    assert found is not None
    return found


async def test_turns_examine_no_more_than_they_answer(db: Database, store: MongoDocuments) -> None:
    for n in range(100):
        name = f"{'d1' if n < 95 else 'd2'}-{n:03d}"
        await store.insert(document(name, district=name[:2]), event(1 + n, name))
    await db.command("profile", 2)
    assert len(await store.pending(10)) == 10 + 5
    reads = (
        await db["system.profile"]
        .find({"op": "query", "ns": {"$regex": "aggregates$"}})
        .to_list(None)
    )
    assert [read["docsExamined"] for read in reads] == [11, 5, 0, 0]
    for read in reads:
        assert read["keysExamined"] <= read["docsExamined"] + 3
        assert not read.get("hasSortStage")


async def test_a_read_behind_a_place_examines_no_more_than_it_answers(
    db: Database, store: MongoDocuments
) -> None:
    for n in range(60):
        await store.insert(document(f"id{n:03d}"), event(1 + n // 20, f"id{n:03d}"))
    first = await store.pending(30)
    await db.command("profile", 2)
    assert [each.id for each in await store.pending(5, first.last)] == [
        f"id{n:03d}" for n in range(30, 35)
    ]
    reads = (
        await db["system.profile"]
        .find({"op": "query", "ns": {"$regex": "aggregates$"}})
        .to_list(None)
    )
    assert reads[0]["docsExamined"] <= 6 + 1  # of its instant and behind it, side by side
    assert reads[0]["keysExamined"] <= reads[0]["docsExamined"] + 3
    assert "COLLSCAN" not in reads[0]["planSummary"]
    assert not reads[0].get("hasSortStage")


async def test_hot_reads_examine_no_more_than_they_answer(
    db: Database, store: MongoDocuments, journal: MongoJournal
) -> None:
    for n in range(200):
        state = {"teacher": f"t{n % 40}"}
        await store.insert(document(f"id{n:03d}", state=state), event(1, f"id{n:03d}"))
    await store.clear({f"id{n:03d}": [1] for n in range(195)})
    ids = [f"id{n:03d}" for n in range(0, 200, 16)]
    await journal.append([JournalEntry(a, "d1", event(v, a)) for a in ids for v in (1, 2)])
    await db.command("profile", 2)

    assert len((await store.find("d1", "thing", {"teacher": "t1"}, "", 10)).documents) == 5
    by_teacher = await profiled(db, "aggregates")
    assert len((await store.find("d1", "thing", {}, "id100", 9)).documents) == 9
    page = await profiled(db, "aggregates")
    assert await store.counts("d1", "thing", [bound({"teacher": "t1"}, 3)]) == [3]
    counted = await profiled(db, "aggregates")
    assert len(await store.pending(100)) == 5
    waiting = await profiled(db, "aggregates")
    assert len(await journal.newest("", None, "", 8, [["t.E"]])) == 8
    replacing = await profiled(db, "journal")
    assert len(await journal.read("", None, "", 8, ids[-1])) == 2
    of_one = await profiled(db, "journal")

    assert by_teacher["docsExamined"] == 5
    assert page["docsExamined"] == 10
    assert counted["keysExamined"] <= 4
    assert counted["docsExamined"] == 0
    assert waiting["docsExamined"] == 5
    assert replacing["docsExamined"] == 8
    assert of_one["docsExamined"] == 2
    assert "COLLSCAN" not in replacing["planSummary"]
    for read in (by_teacher, page, counted, waiting, of_one):
        assert "COLLSCAN" not in read["planSummary"]
        assert not read.get("hasSortStage")


async def test_an_unreachable_database_is_unavailable_not_an_error(unused_tcp_port: int) -> None:
    client = connect(f"mongodb://127.0.0.1:{unused_tcp_port}", "test")
    nowhere = database(client, "nowhere")
    try:
        faults = await asyncio.gather(
            MongoDocuments(nowhere).get("d1", "thing", "a"),
            MongoDocuments(nowhere).pending(10),
            MongoDocuments(nowhere).insert(document(), event(1)),
            MongoDocuments(nowhere).replace(document(), {}, event(2), None),
            MongoDocuments(nowhere).clear({"a": [1]}),
            MongoJournal(nowhere).append([JournalEntry("a", "d1", event(1))]),
            return_exceptions=True,
        )
    finally:
        client.close()
    found = [(each.kind, each.code) for each in faults if isinstance(each, Fault)]
    read, unknown = "store_unavailable", "outcome_unknown"
    assert found == [(Kind.UNAVAILABLE, code) for code in [read, read, *[unknown] * 4]]


async def test_what_a_list_does_not_show_is_not_sent_to_it(db: Database) -> None:
    store = MongoDocuments(db, [("goal", ("teacher",))])
    await store.ensure_indexes()
    large = goal(5)
    note = "n" * 1_000
    large.progress = [Progress(float(n), START, "p", note) for n in range(900)]
    stored = Document(large.id, "goal", "north", 1, GOALS.to_state(large), schema=GOALS.schema)
    await store.insert(stored, event(1, large.id))
    await db.command("profile", 2)
    summaries = Summaries(store, GOAL_SUMMARIES)
    (found,) = (await summaries.find("north", {"teacher": large.teacher}, "", 50)).items
    listed = await profiled(db, "aggregates")
    assert (len(found.counting), found.counting[-1].value) == (900, 899)
    assert listed["responseLength"] < 100_000
    assert (listed["docsExamined"], listed["planSummary"][:6]) == (1, "IXSCAN")


async def test_a_bound_is_counted_in_the_index_alone(db: Database) -> None:
    """Whether it is one author's or everybody's, with or without what was withdrawn."""
    store = MongoDocuments(db, OBSERVATIONS)
    await store.ensure_indexes()
    for n in range(60):
        state = {"drafted_by": f"p{n % 3}", "state": ("draft", "withdrawn", "published")[n % 4 % 3]}
        await store.insert(document(f"id{n:02d}", kind="tool", state=state), event(1, f"id{n:02d}"))
    await db.command("profile", 2)
    hers, gone = {"drafted_by": "p1"}, {"state": "withdrawn"}
    bounds = [bound(hers, 100, gone), bound(hers, 100), bound({}, 100, gone)]
    for each, expected in zip(bounds, (15, 20, 45), strict=True):
        assert await store.counts("d1", "tool", [each]) == [expected]
        read = await profiled(db, "aggregates")
        assert read["docsExamined"] == 0, (each, read["planSummary"])
        assert read["keysExamined"] <= (66 if each.where == {} else expected + 3)
    assert await store.counts("d1", "tool", bounds) == [15, 20, 45]
    read = await profiled(db, "aggregates")
    assert (read["docsExamined"], read["keysExamined"] <= 18 + 23 + 66) == (0, True)


@pytest.mark.parametrize(
    ("kind", "indexes", "share"),
    [
        ("goal", GOALS_INDEXES, GOALS_SHARE),
        ("administration", SURVEYS, SURVEYS_SHARE),
        ("observation", OBSERVATIONS, OBSERVATIONS_SHARE),
    ],
)
async def test_a_share_of_a_teachers_year_is_counted_in_the_index_alone(
    db: Database, kind: str, indexes: Sequence[FindIndex], share: FairShare
) -> None:
    store = MongoDocuments(db, indexes)
    await store.ensure_indexes()
    for n in range(60):
        who, state = ("t1", "c1", "c2")[n % 3], (share.gone, "draft")[n % 2]
        values = {"teacher": "t1", "school_year": 2027 + n // 48, share.author: who, "state": state}
        await store.insert(document(f"id{n:02d}", kind=kind, state=values), event(1, f"id{n:02d}"))
    await db.command("profile", 2)
    for author, expected in (("t1", [16, 24]), ("c1", [8, 16, 16, 24])):
        bounds = share.bounds("t1", 2027, author)
        assert sorted(await store.counts("d1", kind, bounds)) == expected
        read = await profiled(db, "aggregates")
        assert read["docsExamined"] == 0, read["planSummary"]
        assert read["keysExamined"] <= 56 * len(bounds)
