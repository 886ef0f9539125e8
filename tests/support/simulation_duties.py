"""What is left behind in a simulated district when a coach and a teacher part, and what must have
become of it when all is quiet again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.chassis.duties.duty import (
    COLLECTION,
    DONE,
    GIVEN_UP,
    OPEN,
    Work,
    duties_projection,
)
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.runner import DutyRunner
from services.chassis.duties.view import duties_view
from services.chassis.kernel import Clock
from services.chassis.views.canonical import canonical
from services.chassis.views.projection import Projection
from services.chassis.views.rows import StoreDown
from services.observations.observation.cases import (
    CriterionScore,
    RecordScores,
    ScheduleObservation,
    record_scores,
    schedule_observation,
)
from services.observations.observation.duties import DUTIES, PAUSE
from services.observations.tool.cases import (
    DraftCriterion,
    DraftLevel,
    DraftTool,
    draft_tool,
    publish_tool,
)
from tests.support.duties import Watched
from tests.support.oracles import replay_log
from tests.support.simulation_net import Disk, Process, Reached

SERVICE = "observations"
LEVELS = [DraftLevel(score=1, quality="low"), DraftLevel(score=2, quality="high")]
TALK = DraftCriterion(criterion_id="talk", category="x", description="x", levels=LEVELS)
RUBRIC = DraftTool(title="x", attribution="x", license="x", criteria=[TALK])
SEEN = RecordScores(scores=[CriterionScore(criterion_id="talk", score=2)])


class Ahead:
    """A week ahead of everybody: what is asked for in a life is done in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> Any:
        return self._clock.now() + PAUSE + timedelta(seconds=1)


def projection() -> Projection:
    return duties_projection(SERVICE, DUTIES)


def runner_of(disk: Disk, process: Process, ports: Any, clock: Clock) -> DutyRunner:
    todos: Any = MemoryTodos(disk.views, duties_view(SERVICE))
    reached: Any = Reached("todos", todos, process, lambda: StoreDown("no answer"))
    works: list[Work] = [each.on(ports.observation) for each in DUTIES]
    return DutyRunner(reached, works, Ahead(clock), Watched())


async def all_done(disk: Disk) -> bool:
    """Also what was given up is not."""
    return not await MemoryTodos(disk.views, duties_view(SERVICE)).list([OPEN])


class Parting:
    """`left`: observations by whether anything is recorded in them."""

    def __init__(self, people: Any) -> None:
        self._people = people
        self.left: dict[str, bool] = {}

    async def begin(self, coach: str, teacher: str) -> None:
        """The coach begins an observation that she will not finish."""
        people, chance = self._people, self._people.chance
        tool = await people._do(SERVICE, draft_tool, coach, asked=RUBRIC, turn=teacher)
        await people._do(SERVICE, publish_tool, coach, tool.id)
        now = people.simulation.clock.now()
        plan = ScheduleObservation(teacher_id=teacher, tool_id=tool.id, scheduled_for=now)
        made = await people._do(SERVICE, schedule_observation, coach, asked=plan, turn=teacher)
        scored = chance.random() < 0.5
        if scored:
            await people._do(SERVICE, record_scores, coach, made.id, asked=SEEN)
        self.left[made.id] = scored

    async def check(self, disk: Disk, district: str) -> None:
        todos = MemoryTodos(disk.views, duties_view(SERVICE))
        assert not await todos.list([GIVEN_UP]), "a duty was given up"
        for observation, scored in self.left.items():
            found = await disk.documents.get(district, "observation", observation)
            assert found is not None
            left = found.state["left_behind_at"] is not None
            told = (found.state["state"], left, found.version)
            wanted = ("in_progress", True, 3) if scored else ("cancelled", False, 2)
            assert told == wanted, f"left behind: {told}, not {wanted}"
        log = self._people.simulation.log
        records = [each for topic in projection().topics for each in log.all(topic)]
        replayed = replay_log(projection(), records).get(COLLECTION, {})
        rows = disk.views.rows.get(COLLECTION, {})
        asked = {id_: canonical(_asked(row)) for id_, row in rows.items()}
        assert asked == replayed, "what is to be done differs from a replay"
        assert {row["state"] for row in rows.values()} <= {DONE}


def _asked(row: dict[str, Any]) -> dict[str, Any]:
    """A to-do as its event made it, whatever has become of it."""
    made = {name: row[name] for name in ("_id", "district", "facts", "incomplete")}
    return {**made, **projection().derive[COLLECTION](made)}
