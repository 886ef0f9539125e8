"""A small duty over events of things, and all it takes to run it, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from coaching.goals.v1 import goal_events_pb2
from services.chassis.call import Call
from services.chassis.duties.duty import COLLECTION, Asked, Duty, Todo, duties_projection
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.runner import DutyRunner
from services.chassis.log.envelope import PendingEvent, headers_of
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.troubles import Troubles
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Event
from services.chassis.views.projector import Projector
from services.chassis.write.bell import LocalBell
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.clocks import FakeClock
from tests.support.goal_cards import FAST, SMALL
from tests.support.things import Things

TOPIC = "coaching.goals.v1"
ASKING = "coaching.goals.v1.GoalAchieved"
REMIND = "remind"
Doing = Callable[[Call, Todo], Awaitable[datetime | None]]


def asks(event: Event) -> Asked | None:
    """A goal without a focus asks for nothing; its target is in how many seconds it is due."""
    message = event.message
    assert isinstance(message, goal_events_pb2.GoalAchieved)
    if not message.goal.focus_skill:
        return None
    due = event.envelope.occurred_at + timedelta(seconds=message.goal.target)
    return Asked(due, {"thing": message.goal.focus_skill})


@dataclass
class Watched:
    """What a runner told of itself."""

    due: int = 0
    oldest: datetime | None = None
    outcomes: Counter[str] = field(default_factory=Counter)

    def saw(self, due: int, oldest: datetime | None) -> None:
        self.due, self.oldest = due, oldest

    def ran(self, duty: str, outcome: str) -> None:
        self.outcomes[outcome] += 1


class Reminded:
    """Events ask for things to be counted up; `doing` may be exchanged for what fails. `ran` are
    the values of those that were run, in order."""

    def __init__(self) -> None:
        self.clock, self.log, self.views = FakeClock(), MemoryLog(2), MemoryViews()
        self.documents = MemoryDocuments()
        self.things = Things(self.documents, LocalBell())
        self.doing: Doing = self.count_up
        self.ran: list[str] = []
        self.watch, self.troubles = Watched(), Troubles()
        self.duty: Duty[Reminded] = Duty(
            REMIND, {ASKING: asks}, lambda world, call, todo: world.do(call, todo)
        )
        self.projection = duties_projection("test", [self.duty])
        self.todos = MemoryTodos(self.views, self.projection.group)
        source = MemorySource(MemoryGroup(self.log, [TOPIC]), now=self.clock.now)
        self.projector = Projector(source, self.views, self.projection, self.clock, SMALL, FAST)
        self.runner = self.another()

    def another(self, todos: Any = None) -> DutyRunner:
        """One more runner, as a process that was started again has it."""
        works = [self.duty.on(self)]
        return DutyRunner(todos or self.todos, works, self.clock, self.watch, self.troubles)

    async def do(self, call: Call, todo: Todo) -> datetime | None:
        self.ran.append(str(todo.value["thing"]))
        return await self.doing(call, todo)

    async def count_up(self, call: Call, todo: Todo) -> datetime | None:
        await self.things.path.change(call, todo.value["thing"], lambda thing: thing.add(1))
        return None

    async def thing(self) -> str:
        return (await self.things.create()).id

    async def counted(self, thing: str) -> int:
        """How often it was counted up."""
        return (await self.things.path.get("d1", thing)).n - 1

    def ask(self, thing: str, goal: str = "g1", *, district: str = "d1", after: float = 0) -> None:
        """An event that asks for something, which may come twice."""
        message = goal_events_pb2.GoalAchieved()
        message.goal.focus_skill, message.goal.target = thing, after
        event = PendingEvent(
            version=1,
            event_id=f"{goal}:1",
            type=ASKING,
            keys=(f"{district}:t1",),
            data=message.SerializeToString(),
            occurred_at=self.clock.now(),
        )
        key = event.keys[0]
        headers = headers_of(event, source="/t", district=district, aggregate_id=goal, key=key)
        self.log.append(TOPIC, key.encode(), event.data, headers)

    async def project(self) -> None:
        for _ in range(5):
            await self.projector.round()

    async def run(self, rounds: int = 3) -> None:
        await self.project()
        for _ in range(rounds):
            await self.runner.round()

    async def forward(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)
        await self.run()

    def rows(self) -> Sequence[dict[str, Any]]:
        return list(self.views.rows.get(COLLECTION, {}).values())
