"""What every store of to-dos must do: held by the memory twin and by MongoDB alike. A subclass has
the fixtures `views` and `todos`, of one database."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.chassis.district_turns import TURNS
from services.chassis.duties.duty import COLLECTION, DONE, GIVEN_UP, OPEN, Todo
from services.chassis.duties.todos import TURN, Settled, Todos
from services.chassis.duties.view import duties_view
from services.chassis.views.rows import Batch, Change, Generation, Outcome, Terms, Views
from tests.support.clocks import START

VIEW = duties_view("suite")
NOW = Generation(VIEW, 0)
SECOND = timedelta(seconds=1)


def change(id: str, district: str = "d1", due: datetime = START, **more: Any) -> Change:
    """A to-do as a projector writes it; its duty is `remind`."""
    known = {"v": 1, "at": START, "event": f"{id}:1", "aggregate": id, "key": f"{district}:t1"}
    fact = {**known, "due": due, "value": {"who": "t1"}}
    sets = {"district": district, "facts": {"remind": {id: fact}}, "incomplete": {}}
    begin = {"state": OPEN, "due": due, "tries": 0}
    row = f"remind:{id}:1:{district}:t1"
    return Change(COLLECTION, row, {**sets, **begin, **more}, new=True)


async def put(views: Views, *changes: Change, generation: Generation = NOW) -> None:
    fences = await views.claim(generation.group, [0], Terms(1))
    assert await views.commit(Batch(generation, fences, changes)) is Outcome.COMMITTED


def ids(found: Any) -> list[str]:
    return [todo.id.split(":")[1] for todo in found]


def done(at: datetime, todo: Todo) -> Settled:
    return Settled(DONE, at, todo.due, todo.tries)


class TodosSuite:
    @pytest.fixture(autouse=True)
    async def _indexed(self, todos: Todos) -> None:
        await todos.ensure_indexes()
        await todos.ensure_indexes()

    async def test_it_says_what_its_event_asked_for(self, views: Views, todos: Todos) -> None:
        await put(views, change("a.1"))
        (todo,) = await todos.due(START, 10)
        assert (todo.duty, todo.district, todo.state) == ("remind", "d1", OPEN)
        assert (todo.event, todo.aggregate, todo.version) == ("a.1:1", "a.1", 1)
        assert (todo.key, todo.value, todo.tries) == ("d1:t1", {"who": "t1"}, 0)
        assert await todos.get(todo.id) == todo
        assert await todos.get("no-such") is None

    async def test_what_is_due_is_found_the_longest_due_first(
        self, views: Views, todos: Todos
    ) -> None:
        assert await todos.due(START, 10) == []
        await put(
            views,
            change("b", due=START),
            change("a", due=START - SECOND),
            change("c", due=START + SECOND),
            change("d", state=DONE),
            change("e", state=GIVEN_UP),
        )
        assert ids(await todos.due(START, 10)) == ["a", "b"]
        assert ids(await todos.due(START, 1)) == ["a"]
        assert ids(await todos.due(START + SECOND, 10)) == ["a", "b", "c"]

    async def test_a_try_is_begun_by_one_alone(self, views: Views, todos: Todos) -> None:
        await put(views, change("a"))
        (todo,) = await todos.due(START, 10)
        until = START + 60 * SECOND
        begun = await asyncio.gather(*(todos.take(todo, until, 1) for _ in range(5)))
        (taken,) = [each for each in begun if each is not None]
        assert taken == replace(todo, due=until, tries=1)
        assert await todos.due(until - SECOND, 10) == []
        assert await todos.due(until, 10) == [taken]

    async def test_what_is_done_is_over(self, views: Views, todos: Todos) -> None:
        await put(views, change("a"))
        (todo,) = await todos.due(START, 10)
        taken = await todos.take(todo, START + SECOND, 1)
        assert taken is not None
        assert await todos.settle(taken, done(START, taken))
        assert not await todos.settle(taken, done(START, taken))
        assert await todos.due(START + timedelta(days=1), 10) == []
        assert await todos.list() == []
        (kept,) = await todos.list([DONE])
        assert (kept.id, kept.tries) == (todo.id, 1)

    async def test_a_try_that_took_too_long_changes_nothing_of_the_next_one(
        self, views: Views, todos: Todos
    ) -> None:
        await put(views, change("a"))
        (todo,) = await todos.due(START, 10)
        first = await todos.take(todo, START + SECOND, 1)
        assert first is not None
        second = await todos.take(first, START + 2 * SECOND, 2)
        assert second is not None
        assert second.tries == 2
        late = Settled(GIVEN_UP, START, START, 1, "late")
        assert not await todos.settle(first, late)
        assert await todos.list() == [second]
        again = Settled(OPEN, START, START + 3 * SECOND, 1, "no_luck")
        assert await todos.settle(second, again)
        (todo,) = await todos.list()
        assert (todo.due, todo.tries, todo.error) == (START + 3 * SECOND, 1, "no_luck")

    async def test_a_try_says_how_many_are_counted(self, views: Views, todos: Todos) -> None:
        await put(views, change("a", tries=7))
        (todo,) = await todos.due(START, 10)
        taken = await todos.take(todo, START + SECOND, 7)
        assert taken == replace(todo, due=START + SECOND, tries=7)
        assert await todos.list() == [taken]

    async def test_it_is_given_up_by_name_and_tried_again(self, views: Views, todos: Todos) -> None:
        await put(views, change("a", tries=9))
        (todo,) = await todos.due(START, 10)
        assert not await todos.give_up("no-such", "ana")
        assert await todos.give_up(todo.id, "ana")
        assert not await todos.give_up(todo.id, "ben")
        assert await todos.due(START, 10) == []
        assert await todos.take(todo, START + SECOND, 10) is None
        assert not await todos.settle(todo, done(START, todo))
        (kept,) = await todos.list([GIVEN_UP])
        assert (kept.by, kept.tries) == ("ana", 9)
        assert not await todos.retry("no-such", START)
        assert await todos.retry(todo.id, START + SECOND)
        (again,) = await todos.due(START + SECOND, 10)
        assert (again.by, again.tries, again.due) == ("", 0, START + SECOND)

    async def test_what_is_done_is_not_tried_again(self, views: Views, todos: Todos) -> None:
        await put(views, change("a", state=DONE))
        (todo,) = await todos.list([DONE])
        assert not await todos.retry(todo.id, START)
        assert not await todos.give_up(todo.id, "ana")

    async def test_no_district_waits_for_the_backlog_of_another(
        self, views: Views, todos: Todos
    ) -> None:
        others = [f"e{number}" for number in range(TURNS + 2)]
        await put(
            views,
            *(change(f"m{number:02}", "m") for number in range(30)),
            *(change(f"{name}-{n}", name, START + SECOND) for name in others for n in range(2)),
            change("late", "a", START + timedelta(days=1)),
        )
        met = set()
        for _ in range(3):
            found = await todos.due(START + SECOND, 20)
            assert {todo.district for todo in found[:20]} == {"m"}
            assert len(found) <= 20 + TURNS * TURN
            met |= {todo.district for todo in found[20:]}
        assert met == set(others)

    async def test_what_becomes_of_it_stands_beside_what_was_asked(
        self, views: Views, todos: Todos
    ) -> None:
        await put(views, change("a"))
        (todo,) = await todos.due(START, 10)
        await todos.give_up(todo.id, "ana")
        ((_, row),) = (await views.load(NOW, {COLLECTION: [todo.id]})).items()
        assert (row["state"], row["facts"]["remind"]["a"]["value"]) == (GIVEN_UP, {"who": "t1"})

    async def test_it_says_when_it_was_looked_at_last(self, views: Views, todos: Todos) -> None:
        await put(views, change("a"))
        for error, looked_at in (("", START), ("away", None), ("", START)):
            (todo,) = await todos.due(START + SECOND, 10)
            taken = await todos.take(todo, START + SECOND, 1)
            assert taken is not None
            assert await todos.settle(taken, Settled(OPEN, START, START + SECOND, 0, error))
            (known,) = await todos.due(START + SECOND, 10)
            assert (known.looked_at, known.error) == (looked_at, error)

    async def test_a_broken_one_is_found_like_any_other(self, views: Views, todos: Todos) -> None:
        broken = change("a", tries="many", settled_at="x", facts={"remind": {}})
        await put(views, broken, change("b"))
        first, second = await todos.due(START, 10)
        assert (first.tries, first.fact) == (0, {})
        with pytest.raises(KeyError):
            _ = first.event
        assert second.event == "b:1"
        assert (await todos.take(first, START + SECOND, 1)) is not None

    async def test_those_of_the_build_in_use_count(self, views: Views, todos: Todos) -> None:
        await put(views, change("a"))
        new = await views.next_generation(VIEW)
        await put(views, change("b"), generation=new)
        assert ids(await todos.due(START, 10)) == ["a"]
