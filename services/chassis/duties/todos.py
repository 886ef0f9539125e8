"""The store of to-dos: what becomes of the rows that a duties projection makes. A port with two
adapters (`mongo_todos.MongoTodos`, `memory_todos.MemoryTodos`), held to one conformance suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from services.chassis.duties.duty import DONE, OPEN, Todo

KEPT = timedelta(days=30)  # what is done stays visible
TURN = 10  # to-dos of a district whose turn it is


@dataclass(frozen=True, slots=True)
class Settled:
    """What has become of a try. `at` is when; what is OPEN is tried again when it is `due`."""

    state: str
    at: datetime
    due: datetime
    tries: int
    error: str = ""

    @property
    def forget_at(self) -> datetime | None:
        """When nobody need know of it any more."""
        return self.at + KEPT if self.state == DONE else None


class Due(NamedTuple):
    """Of the district whose turn it is."""

    waiting: Sequence[Todo]


class Todos(Protocol):
    """To-dos in the build of their view that is in use. Every method may raise StoreDown."""

    async def ensure_indexes(self) -> None:
        """Make those that are missing; repeating it changes nothing."""

    async def due(self, now: datetime, most: int) -> Sequence[Todo]:
        """Open ones whose time has come, the longest due first. 1 command. Where more are due
        than `most`, so that some districts may have none among them, these come in after them
        by turns: up to 8 commands more, of 10 each."""

    async def take(self, todo: Todo, until: datetime, tries: int) -> Todo | None:
        """Begin a try: so many are counted with it, and nobody else begins one before `until`.
        None: somebody has begun one, or it is open no more. 1 command."""

    async def settle(self, taken: Todo, settled: Settled) -> bool:
        """What has become of a try that was begun. False, and nothing is changed, where it was
        taken again since, or is open no more. 1 command."""

    async def get(self, id: str) -> Todo | None: ...

    async def list(self, states: Sequence[str] = (OPEN,), limit: int = 1_000) -> Sequence[Todo]:
        """By state, then by when it is tried next."""

    async def retry(self, id: str, now: datetime) -> bool:
        """Try one at once that is open or given up, as if for the first time. False: there is
        none."""

    async def give_up(self, id: str, by: str) -> bool:
        """Give one up, in a person's name. False: there is none that is open."""
