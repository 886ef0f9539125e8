"""What a simulated district leaves to its duties, when a coach and a teacher part and when a survey
ends, and what must have become of it when all is quiet again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.chassis.duties.duty import (
    COLLECTION,
    GIVEN_UP,
    OPEN,
    Duty,
    duties_projection,
)
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.runner import DutyRunner
from services.chassis.duties.view import duties_view
from services.chassis.kernel import Clock
from services.chassis.views.canonical import canonical
from services.chassis.views.projection import Projection
from services.chassis.views.rows import StoreDown
from services.observations.observation import duties as observation_duties
from services.observations.observation.cases import (
    CriterionScore,
    RecordScores,
    ScheduleObservation,
    record_scores,
    schedule_observation,
)
from services.observations.tool.cases import (
    DraftCriterion,
    DraftLevel,
    DraftTool,
    draft_tool,
    publish_tool,
)
from services.programs.relationship import duties as relationship_duties
from services.surveys.administration import duties as survey_duties
from services.surveys.administration.cases import (
    OpenAdministration,
    ScheduleAdministration,
    open_administration,
    schedule_administration,
    submit_response,
)
from services.surveys.administration.closing import close_administration
from tests.support.duties import Watched
from tests.support.oracles import replay_log
from tests.support.simulation_net import Disk, Process, Reached

DUTIES: Mapping[str, Sequence[Duty[Any]]] = {
    "programs": relationship_duties.DUTIES,
    "observations": observation_duties.DUTIES,
    "surveys": survey_duties.DUTIES,
}
ROOMS = {"programs": "relationship", "observations": "observation", "surveys": "administration"}
SERVICES = tuple(DUTIES)
SUMMER = timedelta(days=335)  # from the day on which a life begins to the end of the grace
LEVELS = [DraftLevel(score=1, quality="low"), DraftLevel(score=2, quality="high")]
TALK = DraftCriterion(criterion_id="talk", category="x", description="x", levels=LEVELS)
RUBRIC = DraftTool(title="x", attribution="x", license="x", criteria=[TALK])
SEEN = RecordScores(scores=[CriterionScore(criterion_id="talk", score=2)])


class Ahead:
    """A week ahead of everybody: what is asked for in a life is done in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now() + observation_duties.PAUSE + timedelta(seconds=1)


def projections(service: str) -> Sequence[Projection]:
    return [duties_projection(service, DUTIES[service])] if service in DUTIES else []


def todos_of(service: str, disk: Disk) -> MemoryTodos:
    return MemoryTodos(disk.views, duties_view(service))


def runner_of(service: str, disk: Disk, process: Process, ports: Any, clock: Clock) -> DutyRunner:
    todos: Any = todos_of(service, disk)
    reached: Any = Reached("todos", todos, process, lambda: StoreDown("no answer"))
    works = [each.on(getattr(ports, ROOMS[service])) for each in DUTIES[service]]
    return DutyRunner(reached, works, _clock(service, clock), Watched())


def _clock(service: str, clock: Clock) -> Clock:
    """A duty of surveys looks at the hour itself."""
    return clock if service == "surveys" else Ahead(clock)


async def due(service: str, disk: Disk, clock: Clock) -> bool:
    """Whether something is, or will be once its try is over."""
    soon = _clock(service, clock).now() + timedelta(minutes=1)
    return any(todo.due <= soon for todo in await todos_of(service, disk).list([OPEN]))


class Parting:
    """`left`: observations by whether anything is recorded in them."""

    def __init__(self, people: Any) -> None:
        self._people = people
        self.left: dict[str, bool] = {}

    async def begin(self, coach: str, teacher: str) -> None:
        """The coach begins an observation that she will not finish."""
        people, chance = self._people, self._people.chance
        tool = await people._do("observations", draft_tool, coach, asked=RUBRIC, turn=teacher)
        await people._do("observations", publish_tool, coach, tool.id)
        now = people.simulation.clock.now()
        plan = ScheduleObservation(teacher_id=teacher, tool_id=tool.id, scheduled_for=now)
        made = await people._do(
            "observations", schedule_observation, coach, asked=plan, turn=teacher
        )
        scored = chance.random() < 0.5
        if scored:
            await people._do("observations", record_scores, coach, made.id, asked=SEEN)
        self.left[made.id] = scored

    async def check(self, district: str) -> None:
        disk = self._people.simulation.disks["observations"]
        for observation, scored in self.left.items():
            found = await disk.documents.get(district, "observation", observation)
            assert found is not None
            left = found.state["left_behind_at"] is not None
            told = (found.state["state"], left, found.version)
            wanted = ("in_progress", True, 3) if scored else ("cancelled", False, 2)
            assert told == wanted, f"left behind: {told}, not {wanted}"
        for service in SERVICES:
            await self._check_todos(service)

    async def _check_todos(self, service: str) -> None:
        simulation = self._people.simulation
        disk, (projection,) = simulation.disks[service], projections(service)
        assert not await todos_of(service, disk).list([GIVEN_UP]), "a duty was given up"
        records = [each for topic in projection.topics for each in simulation.log.all(topic)]
        replayed = replay_log(projection, records).get(COLLECTION, {})
        rows = disk.views.rows.get(COLLECTION, {})
        asked = {id_: canonical(_asked(projection, row)) for id_, row in rows.items()}
        assert asked == replayed, "what is to be done differs from a replay"

    async def the_year_ends(self, district: str) -> None:
        """A summer later, with faults again: what was open has ended, once."""
        simulation = self._people.simulation
        disk = simulation.disks["programs"]
        before = await _relationships(disk, district)
        simulation.storm()
        simulation.clock.ahead = SUMMER
        await simulation.havoc(15)
        simulation.calm()
        await simulation.rest()
        after = await _relationships(disk, district)
        for id_, (state, version) in before.items():
            open_ = state in ("proposed", "active")
            wanted = ("ended", version + 1) if open_ else (state, version)
            assert after[id_] == wanted, f"the year ended: {after[id_]}, not {wanted}"
        assert not simulation.failures, simulation.failures
        for service in ("programs", "surveys"):
            assert not await todos_of(service, simulation.disks[service]).list([OPEN])
            await self._check_todos(service)
        await self._people.too_few.check(district)


class TooFew:
    """Surveys that closed with too few answers, and that nobody opens again."""

    def __init__(self, people: Any) -> None:
        self._people = people
        self.closed: list[str] = []

    async def close(self, asked: ScheduleAdministration, seats: OpenAdministration) -> None:
        do = self._people._do
        made = await do("surveys", schedule_administration, "t1", asked=asked, turn="few")
        opened = await do("surveys", open_administration, "t1", made.id, asked=seats)
        said: dict[str, Any] = {"code": opened.codes()[0], "answers": [("heard", 1)]}
        await do("surveys", submit_response, "", made.id, **said)
        await do("surveys", close_administration, "t1", made.id)
        self.closed.append(made.id)

    async def check(self, district: str) -> None:
        """Once a close cannot be taken back any more, nothing is left of any survey."""
        disk = self._people.simulation.disks["surveys"]
        assert not disk.seats._seats, "what was answered is still there"
        for survey in self.closed:
            found = await disk.documents.get(district, "administration", survey)
            assert found is not None
            told = (found.version, found.state["secret"])
            assert told == (4, b""), f"sealed: {told}"


async def _relationships(disk: Disk, district: str) -> dict[str, tuple[str, int]]:
    """Their states and versions."""
    page = await disk.documents.find(district, "relationship", {}, "", 1_000)
    return {each.id: (each.state["state"], each.version) for each in page.documents}


def _asked(projection: Projection, row: dict[str, Any]) -> dict[str, Any]:
    """A to-do as its event made it, whatever has become of it."""
    made = {name: row[name] for name in ("_id", "district", "facts", "incomplete")}
    return {**made, **projection.derive[COLLECTION](made)}
