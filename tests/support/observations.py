"""Tools and observations for tests, and the observations service on memory adapters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from services.access.access import Access
from services.access.profile import Profile, Role, Tie
from services.chassis.call import Call, Principal
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import WritePath
from services.observations.adapters.codec import (
    OBSERVATION_SUMMARIES,
    OBSERVATIONS,
    TOOL_SUMMARIES,
    TOOLS,
)
from services.observations.adapters.published_tools import CachedTools
from services.observations.application.policies import POLICIES
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation, Setting
from services.observations.domain.tool import Criterion, Level, Tool
from tests.support.clocks import START, FakeClock
from tests.support.days import DAYS

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


class Roster:
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


class CountingBell:
    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1


@dataclass
class Service:
    """The use cases' ports over memory, and what is behind them."""

    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    roster: Roster = field(default_factory=Roster)
    clock: FakeClock = field(default_factory=FakeClock)
    bell: CountingBell = field(default_factory=CountingBell)

    def __post_init__(self) -> None:
        tools = WritePath(self.documents, TOOLS, self.clock, self.bell)
        self.ports = Ports(
            tools=tools,
            tool_summaries=Summaries(self.documents, TOOL_SUMMARIES),
            published_tools=CachedTools(tools),
            observations=WritePath(self.documents, OBSERVATIONS, self.clock, self.bell),
            observation_summaries=Summaries(self.documents, OBSERVATION_SUMMARIES),
            access=Access(POLICIES, self.roster, self.clock, DAYS),
            days=DAYS,
            clock=self.clock,
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
