"""To-dos on MongoDB keep what to-dos promise, and cost what is due."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.duties.duty import COLLECTION, DONE, GIVEN_UP
from services.chassis.duties.mongo_todos import MongoTodos
from services.chassis.duties.todos import KEPT, Settled
from services.chassis.duties.view import duties_view
from services.chassis.mongo import Database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.rows import Generation
from services.ctl.__main__ import run
from services.ctl.engines import Engines
from services.ctl.exits import Exit
from tests.support.clocks import START
from tests.support.todos_suite import VIEW, TodosSuite, change, put


@pytest.fixture
async def views(db: Database) -> MongoViews:
    return MongoViews(db)


@pytest.fixture
async def todos(db: Database) -> MongoTodos:
    return MongoTodos(db, VIEW)


class TestMongoTodos(TodosSuite):
    pass


async def test_looking_for_what_is_due_reads_nothing_else(
    db: Database, views: MongoViews, todos: MongoTodos
) -> None:
    await todos.ensure_indexes()
    later = START + timedelta(days=300)
    many = [change(f"{name}-{n}", name, later) for name in "abcdefgh" for n in range(50)]
    await put(views, *many, *(change(f"due-{n}", "d") for n in range(25)), change("z", "h"))
    await db.command("profile", 2)
    found = await todos.due(START, 20)
    assert len(found) == 21
    profiled = await db["system.profile"].find({"command.find": COLLECTION}).to_list(None)
    assert [each["docsExamined"] for each in profiled] == [20, 1, 0, 0]
    assert sum(each["keysExamined"] for each in profiled) < 60


async def test_what_is_done_is_forgotten_by_itself(
    db: Database, views: MongoViews, todos: MongoTodos
) -> None:
    await todos.ensure_indexes()
    await put(views, change("a"))
    (todo,) = await todos.due(START, 1)
    assert await todos.settle(todo, Settled(DONE, START, START, 1))
    kept = await db[COLLECTION].find_one({"_id": todo.id})
    assert kept is not None
    assert kept["forget_at"] == START + KEPT
    indexes = await db[COLLECTION].index_information()
    assert indexes["forget_at_1"]["expireAfterSeconds"] == 0


async def test_a_new_build_knows_what_has_become_of_the_to_dos_of_the_old_one(
    db: Database, views: MongoViews, todos: MongoTodos
) -> None:
    await put(views, change("done"), change("gone"), change("open"))
    done, gone, _ = await todos.due(START, 3)
    assert await todos.settle(done, Settled(DONE, START, START, 1))
    assert await todos.give_up(gone.id, "ana")
    new = await views.next_generation(VIEW)
    await todos.ensure_indexes(new)
    await put(views, *(change(n) for n in ("done", "gone", "open", "more")), generation=new)
    await todos.carry_over(Generation(VIEW, 0), new)
    before = {name: await todos.list([name]) for name in (DONE, GIVEN_UP)}
    await views.flip(new)
    again = MongoTodos(db, VIEW)
    assert {name: await again.list([name]) for name in (DONE, GIVEN_UP)} == before
    assert [todo.aggregate for todo in await again.due(START, 9)] == ["more", "open"]


async def test_an_operator_sees_what_is_due_and_decides(
    engines: Engines, db: Database, views: MongoViews, capsys: pytest.CaptureFixture[str]
) -> None:
    view = Generation(duties_view("observations"), 0)
    todos = MongoTodos(db, view.name)
    later = datetime.now(UTC) + timedelta(days=9)
    failed = change("failed", due=later, tries=2, error="no_luck")
    changes = (change("due"), failed, change("gone", state=GIVEN_UP), change("later", due=later))
    await put(views, *changes, generation=view)

    async def tandem(*words: str, code: Exit = Exit.OK) -> Any:
        where = ["--mongodb-uri", engines.mongodb_uri, "--mongodb-database", db.name]
        asked = ["duties", *words, *where, "--service", "observations", "--json"]
        assert await asyncio.to_thread(run, asked) == code
        return json.loads(capsys.readouterr().out)

    def id_of(name: str) -> str:
        return f"remind:{name}:1:d1:t1"

    listed = await tandem("list")
    assert [each["id"] for each in listed] == [id_of(name) for name in ("gone", "due", "failed")]
    assert (listed[2]["event"], listed[2]["error"]) == ("failed:1", "no_luck")
    assert len(await tandem("list", "--all")) == 4
    wanted = [{"id": id_of("failed"), "moved": False}]
    assert await tandem("give-up", "--all", "--by", "ana", "--dry-run") == wanted
    assert await tandem("give-up", "--all", "--by", "ana") == [{**wanted[0], "moved": True}]
    assert sorted(await _ids(todos, GIVEN_UP)) == [id_of("failed"), id_of("gone")]
    assert len(await tandem("retry", "--all")) == 2
    assert await _ids(todos, GIVEN_UP) == []
    moved = await tandem("retry", id_of("later"), "no-such", code=Exit.NOT_FOUND)
    assert [each["moved"] for each in moved] == [True, False]
    assert len(await todos.due(datetime.now(UTC) + timedelta(seconds=1), 10)) == 4


async def _ids(todos: MongoTodos, state: str) -> list[str]:
    return [todo.id for todo in await todos.list([state])]
