"""Two devices of a teacher that were offline, and the net by which their commands come in."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.access.days import Days
from services.assembly.sync.bodies import SyncBatch
from services.assembly.sync.cases import sync_commands
from services.assembly.sync.commands import Commands
from services.assembly.sync.resources import CommandAnswerResource
from services.chassis.call import Call, Principal
from services.chassis.write.ids import created_id
from services.chassis.write.memory_documents import MemoryDocuments
from services.goals import bootstrap
from tests.support.clocks import START, FakeClock
from tests.support.days import DAYS
from tests.support.observations import TEACHER, Roster
from tests.support.parts import CountingBell, PartsInMemory

POLICIES = bootstrap.policies()
COMMANDS = Commands(bootstrap.tables())
HER = Principal("north", TEACHER)
GOALS = ("draft", "first", "second")  # that both devices have
Said = dict[str, Any]
WEDNESDAY = "2026-09-30T15:00:00Z"  # by the devices' clocks, when both went home with these


@dataclass
class GoalsInMemory(PartsInMemory):
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    clock: FakeClock = field(default_factory=FakeClock)
    bell: CountingBell = field(default_factory=CountingBell)
    days: Days = DAYS

    def __post_init__(self) -> None:
        self.directory = Roster()
        self.ports = bootstrap.ports(self, POLICIES)

    async def sync(self, *commands: Said) -> list[CommandAnswerResource]:
        batch = SyncBatch.model_validate({"commands": list(commands)})
        return (await sync_commands(COMMANDS, self.ports.sync, Call("sync", HER), batch)).answers


def command(name: str, operation: str, id: str = "", **more: Any) -> Said:
    path = {"goal_id": id} if operation.endswith(("_goal", "progress")) and id else {}
    if operation == "revoke_goal_share":
        path = {"goal_share_id": id}
    said = {"command_id": name, "operation": operation, "path": path, **more}
    return {"made_at": WEDNESDAY, **said}


def made(operation: str, command_id: str) -> str:
    return created_id(Call(operation, HER, key=command_id))


def drafts(name: str) -> Said:
    body = {
        "teacher_id": TEACHER,
        "statement": name,
        "focus_skill": "talk",
        "measure_id": "talk",
        "unit": "percent",
        "target": 60,
        "baseline": 30,
    }
    return command(name, "draft_goal", body=body)


SHARE = "shared"
BEFORE: list[Said] = [*(drafts(each) for each in GOALS)]
BEFORE += [
    command(f"{each}-begun", "activate_goal", made("draft_goal", each), base_version=1)
    for each in GOALS[1:]
]
BEFORE.append(
    command(
        SHARE,
        "create_goal_share",
        body={
            "goal_id": made("draft_goal", "first"),
            "audience": [{"person_id": "coach-1"}],
            "purpose": "coaching",
            "expires_at": "2026-12-01T00:00:00Z",
        },
    )
)
VERSIONS = {"draft": 1, "first": 2, "second": 2}  # as both devices have them


class Device:
    """What somebody does on it, in her order, and what she has been told of it."""

    def __init__(self, name: str, luck: random.Random) -> None:
        self.name = name
        self.queue: list[Said] = []
        self.told: dict[str, CommandAnswerResource] = {}
        own: list[str] = []
        for number in range(luck.randint(3, 8)):
            name = f"{self.name}{number}"
            what = luck.choice(("add", "add", "add", "edit", "own", "own add", "end", "revoke"))
            goal = luck.choice(GOALS[1:])
            if what == "own":
                self.queue.append(drafts(name))
                own.append(name)
            elif what == "own add" and own:
                thing = made("draft_goal", luck.choice(own))
                body = {"statement": name}
                self.queue.append(command(name, "edit_goal", thing, base_version=1, body=body))
            elif what == "edit":
                body = {"statement": name}
                thing = made("draft_goal", "draft")
                self.queue.append(command(name, "edit_goal", thing, base_version=1, body=body))
            elif what == "end":
                thing = made("draft_goal", luck.choice(GOALS))
                self.queue.append(command(name, "abandon_goal", thing, base_version=1))
            elif what == "revoke":
                thing = made("create_goal_share", SHARE)
                self.queue.append(command(name, "revoke_goal_share", thing, base_version=1))
            else:
                value = {"value": number, "note": name}
                thing = made("draft_goal", goal)
                self.queue.append(command(name, "record_progress", thing, body=value))
        for each in self.queue:  # a clock that may be days off, and be put back in between
            minutes = luck.randint(-10_000, 10_000)
            each["made_at"] = (START + timedelta(minutes=minutes)).isoformat()
        self.said = list(self.queue)

    async def send(self, service: GoalsInMemory, luck: random.Random) -> None:
        """A part of the queue; the answer may be lost."""
        part = self.queue[: luck.randint(1, 5)]
        service.clock.forward(seconds=luck.randint(1, 1_000))
        answers = await service.sync(*part)
        if luck.random() < 0.3:
            return
        for sent, answer in zip(part, answers, strict=True):
            if not answer.again:
                assert answer.command_id not in self.told
                self.told[answer.command_id] = answer
                self._saw(sent, answer.written_version)
        self.queue = [each for each in self.queue if each["command_id"] not in self.told]

    def _saw(self, sent: Said, written: int | None) -> None:
        """Who had the version before has this one, which is her own."""
        for each in self.queue:
            had = written and each.get("base_version") == written - 1
            if had and each["path"] == sent["path"]:
                each["base_version"] = written


async def delivered(devices: list[Device], luck: random.Random) -> GoalsInMemory:
    """All that was said, whoever comes first, and however often."""
    service = GoalsInMemory()
    begun = await service.sync(*BEFORE)
    assert {each.outcome for each in begun} == {"applied"}, begun
    while waiting := [each for each in devices if each.queue]:
        await luck.choice(waiting).send(service, luck)
    return service
