"""Tools and observations for tests, and the use cases of the observations service on memory
adapters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.access.days import Days
from services.access.profile import Profile, Role, Tie
from services.chassis.call import Call, Principal
from services.chassis.write.memory_documents import MemoryDocuments
from services.observations import bootstrap
from services.observations.observation.cases import (
    CriterionNote,
    CriterionScore,
    RecordScores,
    ScheduleObservation,
    complete_observation,
    record_scores,
    schedule_observation,
    share_observation,
)
from services.observations.observation.domain import Observation
from services.observations.observation.outline import Setting
from services.observations.tool.cases import (
    DraftCriterion,
    DraftLevel,
    DraftTool,
    draft_tool,
    publish_tool,
)
from services.observations.tool.domain import Criterion, Level, Tool
from tests.support.clocks import START, FakeClock
from tests.support.days import DAYS
from tests.support.directories import OneByOne
from tests.support.parts import CountingBell, PartsInMemory

POLICIES = bootstrap.policies()
TEACHER, COACH, OTHER_COACH = "teacher-1", "coach-1", "coach-2"
STRANGER, ADMIN, LEADER = "coach-9", "admin-1", "leader-1"
FEEDBACK = Criterion(
    "feedback",
    "Instruction",
    "Comments help",
    (Level(1, "none"), Level(3, "some"), Level(5, "good")),
)
NOISE = Criterion(
    "noise", "Culture", "Noise", (Level(0, "quiet"), Level(2.5, "loud")), reversed=True
)


def new_tool(*criteria: Criterion) -> Tool:
    return Tool(
        id="5f0c9a4e-0000-4000-8000-000000000003",
        district="north",
        title="Classroom talk",
        attribution="Our own",
        license="CC BY 4.0",
        criteria=criteria or (FEEDBACK, NOISE),
        drafted_by=COACH,
        drafted_at=START,
    )


def new_observation(observer: str = COACH) -> Observation:
    return Observation(
        id="5f0c9a4e-0000-4000-8000-000000000004",
        district="north",
        observer=observer,
        teacher=TEACHER,
        tool="5f0c9a4e-0000-4000-8000-000000000003",
        school_year=2027,
        setting=Setting.LIVE,
        scheduled_for=START,
        scheduled_at=START,
        class_id="class-1",
        goal="goal-1",
    )


class Roster(OneByOne):
    """A directory whose relationships a test may end."""

    def __init__(self) -> None:
        self.reads = 0
        people = {
            COACH: "ext:coach",
            OTHER_COACH: "ext:coach",
            STRANGER: "ext:coach",
            ADMIN: "districtAdministrator",
            LEADER: "principal",
        }
        self._profiles = {
            name: Profile(name, True, (Role(role, "school-1"),)) for name, role in people.items()
        }
        self._profiles[TEACHER] = Profile(
            TEACHER,
            True,
            (Role("teacher", "school-1"),),
            (Tie(COACH, 2027), Tie(OTHER_COACH, 2027)),
            {"class-1": 24},
        )
        self._profiles["teacher-2"] = Profile("teacher-2", True, (Role("teacher", "school-1"),))

    def end(self, coach: str) -> None:
        teacher = self._profiles[TEACHER]
        self._profiles[TEACHER] = replace(
            teacher, ties=tuple(tie for tie in teacher.ties if tie.coach != coach)
        )

    def forget_classes(self) -> None:
        self._profiles[TEACHER] = replace(self._profiles[TEACHER], classes={})

    async def profile(self, district: str, person: str) -> Profile | None:
        self.reads += 1
        return self._profiles.get(person) if district in ("north", "south") else None


@dataclass
class Service(PartsInMemory):
    """The use cases' ports over memory, and what is behind them."""

    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    roster: Roster = field(default_factory=Roster)
    clock: FakeClock = field(default_factory=FakeClock)
    bell: CountingBell = field(default_factory=CountingBell)
    days: Days = DAYS

    def __post_init__(self) -> None:
        self.directory = self.roster
        self.ports = bootstrap.ports(self, POLICIES)


async def drafted_tool(service: Service, district: str = "north") -> Tool:
    asked = DraftTool(title="Talk", license="CC BY 4.0", criteria=[_asked(FEEDBACK)])
    return await draft_tool(service.ports.tool, call("draft_tool", COACH, district=district), asked)


def _asked(criterion: Criterion) -> DraftCriterion:
    return DraftCriterion(
        criterion_id=criterion.id,
        category=criterion.category,
        description=criterion.description,
        levels=[DraftLevel(score=each.score, quality=each.quality) for each in criterion.levels],
        reversed=criterion.reversed,
    )


async def publish(service: Service, tool_id: str, district: str = "north") -> None:
    who = call("publish_tool", COACH, district=district)
    await publish_tool(service.ports.tool, who, tool_id)


async def published_tool(service: Service) -> str:
    """The id of one with the criterion FEEDBACK."""
    tool = await drafted_tool(service)
    await publish(service, tool.id)
    return tool.id


async def scheduled(
    service: Service,
    who: Call,
    tool_id: str,
    *,
    class_id: str | None = "class-1",
    scheduled_for: datetime = START,
    school_year: int | None = None,
) -> Observation:
    asked = ScheduleObservation(
        teacher_id=TEACHER,
        tool_id=tool_id,
        class_id=class_id,
        scheduled_for=scheduled_for,
        school_year=school_year,
    )
    return await schedule_observation(service.ports.observation, who, asked)


async def scored(
    service: Service, who: Call, id: str, score: float = 3, notes: Iterable[tuple[str, str]] = ()
) -> Observation:
    """By the criterion FEEDBACK; a note is about one, or about none."""
    asked = RecordScores(
        scores=[CriterionScore(criterion_id=FEEDBACK.id, score=score)],
        notes=[CriterionNote(criterion_id=name or None, text=text) for name, text in notes],
    )
    return await record_scores(service.ports.observation, who, id, asked)


async def shared(service: Service, tool_id: str, observer: str = COACH) -> Observation:
    """One that was scored with 3 by FEEDBACK."""
    made = await scheduled(service, call("schedule_observation", observer), tool_id)
    await scored(service, call("record_scores", observer), made.id)
    await complete_observation(
        service.ports.observation, call("complete_observation", observer), made.id
    )
    return await share_observation(
        service.ports.observation, call("share_observation", observer), made.id
    )


def call(
    operation: str,
    person: str,
    *,
    key: str = "",
    content: str = "",
    district: str = "north",
    if_match: int | None = None,
) -> Call:
    return Call(
        operation,
        Principal(district, person=person),
        key=key,
        fingerprint=content,
        if_match=if_match,
    )
