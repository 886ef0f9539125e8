"""To-dos in MongoDB. What the projection writes of a row, and what is written here, are different
fields, and no event changes a row that is there: the two never wait for each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from services.chassis.district_turns import DistrictTurns
from services.chassis.duties.duty import COLLECTION, GIVEN_UP, OPEN, Todo, todo_of
from services.chassis.duties.todos import TURN, Due, Settled
from services.chassis.indexes import ensure
from services.chassis.mongo import Collection as Rows
from services.chassis.mongo import Database, IndexModel, UpdateOne
from services.chassis.views.generations import CurrentViews
from services.chassis.views.mongo_answers import answering
from services.chassis.views.rows import Generation

BATCH = 500
OWN = ("state", "due", "tries", "error", "by", "settled_at", "forget_at")  # not the projection's


class MongoTodos:
    """Implements `todos.Todos`; each method raises MongoUnavailable, too, where MongoDB refuses
    the user. Made in the loop that uses it."""

    def __init__(self, database: Database, view: str) -> None:
        self._database = database
        self._current = CurrentViews(database, view)
        self._turns: DistrictTurns[Todo] = DistrictTurns()

    async def ensure_indexes(self, generation: Generation | None = None) -> None:
        """Of a build, by default of the one in use."""
        generation = generation or await self._current.generation()
        models = [
            IndexModel([("state", 1), ("due", 1), ("_id", 1)]),
            IndexModel([("state", 1), ("district", 1), ("due", 1), ("_id", 1)]),
            IndexModel("forget_at", expireAfterSeconds=0),
        ]
        with answering():
            await ensure(self._database[generation.collection(COLLECTION)], models)

    async def carry_over(self, old: Generation, new: Generation) -> None:
        """What has become of the to-dos of a build becomes that of the same ones of a new one,
        which nobody runs yet. One of which its `forget_at` has passed is open in the new one: to
        run it again changes nothing."""
        rows = self._database[new.collection(COLLECTION)]
        batch: list[UpdateOne] = []
        with answering():
            async for row in self._database[old.collection(COLLECTION)].find(batch_size=BATCH):
                known = {name: row[name] for name in OWN if name in row}
                batch.append(UpdateOne({"_id": row["_id"]}, {"$set": known}))
                if len(batch) == BATCH:
                    await rows.bulk_write(batch, ordered=False)
                    batch.clear()
            if batch:
                await rows.bulk_write(batch, ordered=False)

    async def due(self, now: datetime, most: int) -> Sequence[Todo]:
        where = {"state": OPEN, "due": {"$lte": now}}
        first = await self._find(where, ("due",), most)
        if len(first) < most:
            return first
        return [*first, *await self._turns.others(first, partial(self._of_others, where))]

    async def _of_others(
        self, where: Mapping[str, Any], after: str, present: Collection[str]
    ) -> Due:
        others = {**where, "district": {"$gt": after, "$nin": sorted(present)}}
        return Due(await self._find(others, ("district", "due"), TURN))

    async def take(self, todo: Todo, until: datetime, tries: int) -> Todo | None:
        if await self._set(todo, {"due": until, "tries": tries}):
            return replace(todo, due=until, tries=tries)
        return None

    async def settle(self, taken: Todo, settled: Settled) -> bool:
        sets = {
            "state": settled.state,
            "due": settled.due,
            "tries": settled.tries,
            "error": settled.error,
            "settled_at": settled.at,
        }
        if settled.forget_at is not None:
            sets["forget_at"] = settled.forget_at
        return await self._set(taken, sets)

    async def get(self, id: str) -> Todo | None:
        with answering():
            row = await (await self._rows()).find_one({"_id": id})
        return todo_of(row) if row else None

    async def list(self, states: Sequence[str] = (OPEN,), limit: int = 1_000) -> Sequence[Todo]:
        return await self._find({"state": {"$in": [*states]}}, ("state", "due"), limit)

    async def retry(self, id: str, now: datetime) -> bool:
        where = {"_id": id, "state": {"$in": [OPEN, GIVEN_UP]}}
        return await self._update(where, {"state": OPEN, "due": now, "tries": 0, "by": ""})

    async def give_up(self, id: str, by: str) -> bool:
        return await self._update({"_id": id, "state": OPEN}, {"state": GIVEN_UP, "by": by})

    async def _set(self, todo: Todo, sets: Mapping[str, Any]) -> bool:
        """Of one that nobody has taken since."""
        return await self._update({"_id": todo.id, "state": OPEN, "due": todo.due}, sets)

    async def _update(self, where: Mapping[str, Any], sets: Mapping[str, Any]) -> bool:
        with answering():
            result = await (await self._rows()).update_one(where, {"$set": sets})
        return bool(result.matched_count)

    async def _find(
        self, where: Mapping[str, Any], order: Sequence[str], limit: int
    ) -> Sequence[Todo]:
        with answering():
            found = (await self._rows()).find(where, batch_size=limit + 1)
            sort = [(name, 1) for name in (*order, "_id")]
            return [todo_of(row) for row in await found.sort(sort).limit(limit).to_list(None)]

    async def _rows(self) -> Rows:
        return await self._current.collection(COLLECTION)
