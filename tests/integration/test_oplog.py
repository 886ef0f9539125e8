"""What a change costs in the oplog: what it changed, and not what was there before."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from bson import encode

from services.chassis.call import Call, Principal
from services.chassis.kernel import SystemClock
from services.chassis.mongo import Client, Database, connect, database
from services.chassis.write.bell import LocalBell
from services.chassis.write.documents import Document
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.write_path import WritePath
from services.ctl.engines import Engines
from services.goals.goal.codec import GOALS
from services.goals.goal.domain import Goal
from services.goals.goal.outline import Progress
from services.goals.goal.progress import KEPT
from tests.contract.test_goal_events import TEACHER, goal
from tests.support.documents_suite import event

NOW = datetime(2026, 11, 2, tzinfo=UTC)
NOTES = [Progress(float(n), NOW, TEACHER, "n" * 1_000) for n in range(2 * KEPT - 1)]
GONE = 900 - len(NOTES)


@pytest.fixture
async def client(engines: Engines) -> AsyncIterator[Client]:
    client = connect(engines.mongodb_uri, "test")
    yield client
    client.close()


@pytest.fixture
async def db(client: Client) -> AsyncIterator[Database]:
    name = f"test_{uuid4().hex[:12]}"
    yield database(client, name)
    await client.drop_database(name)


async def entries(client: Client, db: Database) -> list[dict[str, Any]]:
    """All that the oplog says of a database's aggregates, in order."""
    found = client["local"]["oplog.rs"].find({"ns": f"{db.name}.aggregates"}).sort("$natural", 1)
    return await found.to_list(None)


async def test_progress_on_a_goal_of_900_notes_is_a_small_entry_and_seldom_a_larger_one(
    client: Client, db: Database
) -> None:
    store = MongoDocuments(db)
    goals = WritePath(store, GOALS, SystemClock(), LocalBell())
    old = goal(5)
    old.progress = list(NOTES)
    old.settled = old.settled_counting = GONE
    id_ = old.id
    stored = Document(id_, "goal", "north", 1, GOALS.to_state(old), schema=GOALS.schema)
    await store.insert(stored, event(1, id_))
    before = len(await entries(client, db))

    def act(one: Goal) -> None:
        one.record_progress(41, "a note", TEACHER, NOW)

    def correct(one: Goal) -> None:
        one.correct_progress(GONE + 5, 7, None, "mistyped", TEACHER, NOW)

    call = Call("record_progress", Principal("north", person=TEACHER), key="k", fingerprint="f")
    await goals.change(call, id_, act)
    await goals.change(Call("correct", Principal("north", person=TEACHER)), id_, correct)
    changed = await goals.get("north", id_)
    assert (changed.progress[-1].value, changed.progress[4].value) == (41, 7)
    await goals.change(Call("again", Principal("north", person=TEACHER)), id_, act)
    for waiting in await store.pending(10):
        await store.clear({waiting.id: [each.version for each in waiting.events]})

    sizes = [len(encode(each)) for each in (await entries(client, db))[before:]]
    assert len(sizes) == 4  # progress, correction, progress; what was published is cleared
    assert sizes[0] < 2_000
    assert sizes[1] < 4_000
    assert 2 * KEPT * 1_000 < sizes[2] < 2 * KEPT * 1_500  # some leave: one command in 21
    assert sizes[3] < 1_000
    changed = await goals.get("north", id_)
    assert (len(changed.progress), changed.settled) == (KEPT, 902 - KEPT)
