"""The twin of `mongo_todos` in memory, for tests: the same conformance suite holds both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.district_turns import DistrictTurns
from services.chassis.duties.duty import COLLECTION, GIVEN_UP, OPEN, Todo, todo_of
from services.chassis.duties.todos import TURN, Due, Settled
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Row


class MemoryTodos:
    def __init__(self, views: MemoryViews, view: str) -> None:
        self._views, self._view = views, view
        self._turns: DistrictTurns[Todo] = DistrictTurns()

    async def ensure_indexes(self) -> None:
        return None

    async def due(self, now: datetime, most: int) -> Sequence[Todo]:
        waiting = [each for each in await self.list((OPEN,), 1_000_000) if each.due <= now]
        first = waiting[:most]
        if len(first) < most:
            return first

        async def others(after: str, present: Collection[str]) -> Due:
            found = [
                each
                for each in sorted(waiting, key=lambda each: (each.district, each.due, each.id))
                if each.district > after and each.district not in present
            ]
            return Due(found[:TURN])

        return [*first, *await self._turns.others(first, others)]

    async def take(self, todo: Todo, until: datetime, tries: int) -> Todo | None:
        taken = await self._set(todo, due=until, tries=tries)
        return replace(todo, due=until, tries=tries) if taken else None

    async def settle(self, taken: Todo, settled: Settled) -> bool:
        return await self._set(
            taken,
            state=settled.state,
            due=settled.due,
            tries=settled.tries,
            error=settled.error,
            settled_at=settled.at,
            forget_at=settled.forget_at,
        )

    async def get(self, id: str) -> Todo | None:
        row = (await self._rows()).get(id)
        return todo_of(row) if row else None

    async def list(self, states: Sequence[str] = (OPEN,), limit: int = 1_000) -> Sequence[Todo]:
        found = (todo_of(row) for row in (await self._rows()).values() if row["state"] in states)
        return sorted(found, key=lambda each: (each.state, each.due, each.id))[:limit]

    async def retry(self, id: str, now: datetime) -> bool:
        return await self._move(id, (OPEN, GIVEN_UP), state=OPEN, due=now, tries=0, by="")

    async def give_up(self, id: str, by: str) -> bool:
        return await self._move(id, (OPEN,), state=GIVEN_UP, by=by)

    async def _set(self, todo: Todo, **sets: Any) -> bool:
        row = (await self._rows()).get(todo.id)
        known = row is not None and (row["state"], row["due"]) == (OPEN, todo.due)
        return known and await self._move(todo.id, (OPEN,), **sets)

    async def _move(self, id: str, states: Sequence[str], **sets: Any) -> bool:
        rows = await self._rows()
        row = rows.get(id)
        if row is None or row["state"] not in states:
            return False
        rows[id] = {**row, **sets}
        return True

    async def _rows(self) -> dict[str, Row]:
        generation = await self._views.generation(self._view)
        return self._views.rows.get(generation.collection(COLLECTION), {})
