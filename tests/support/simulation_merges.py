"""Lives in which records of one person are merged, parted and merged once more, while the people
begin things, processes die and stand still, and to-dos are done late and out of order.

Whatever happens, in the end each thing is with the record that is kept of whoever began it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from services.access import merges
from services.access.access import Access
from services.access.districts import OwnRoles
from services.access.projection import access_projection
from services.chassis.duties.duty import GIVEN_UP, OPEN, Duty, Todo, duties_projection
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.runner import DutyRunner
from services.chassis.duties.view import duties_view
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Projection
from services.chassis.views.rows import StoreDown
from services.goals.goal import cases
from services.goals.goal import duties as of_goals
from services.observations.observation import duties as of_observations
from services.observations.observation.cases import ScheduleObservation, schedule_observation
from services.observations.tool.cases import draft_tool, publish_tool
from services.roster.imports.cases import import_roster
from services.roster.imports.roster_file import KnownRecords, Nouns, ParsedRoster
from services.roster.match import duties as of_matches
from services.roster.match import finishing
from services.roster.match.cases import ProposeMatch, propose_match
from services.roster.match.deciding import confirm_match, separate_match
from services.roster.org.domain import Org
from services.roster.person.domain import Person, Role, held
from services.roster.record import record_id
from tests.support.duties import Watched
from tests.support.simulation import Simulation
from tests.support.simulation_duties import RUBRIC
from tests.support.simulation_net import Disk, Met, Process, Reached, VirtualLoop, virtual

DISTRICT, ADMIN = "north", "d1"
RECORDS = ("a", "b", "c", "d")
DUTIES: Mapping[str, Sequence[Duty[Any]]] = {
    "roster": (*of_matches.DUTIES, *finishing.DUTIES),
    "goals": of_goals.DUTIES,
    "observations": [each for each in of_observations.DUTIES if each.asks is merges.ASKS],
}
# longer than anything that is under way can take to land in such a life
LAST_LOOK = timedelta(seconds=120)
RESTS = 30  # until nothing is left to be done


class Roster:
    """A `RosterFile` of teachers and one administrator."""

    async def changes(self) -> bool:
        return False

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        def said(kind: str, name: str) -> dict[str, Any]:
            return {
                "id": record_id(district, kind, name),
                "district": district,
                "sourced_id": name,
            }

        def person(name: str) -> Person:
            of = "districtAdministrator" if name == ADMIN else "teacher"
            role = Role(of, "school", "primary")
            return Person(
                **said("person", name),
                given_name=name,
                family_name="Doe",
                roles=(role,),
                school_years=(),
                held=held((role,), today),
            )

        people = {name: person(name) for name in (*RECORDS, ADMIN)}
        school = Org(**said("org", "school"), name="School", type="school")
        return ParsedRoster(orgs=Nouns({"school": school}), people=Nouns(people))


class LateTodos(MemoryTodos):
    """Some are done only after a while, by whichever process."""

    def __init__(self, disk: Disk, service: str, late: Callable[[Todo], timedelta]) -> None:
        super().__init__(disk.views, duties_view(service))
        self._late = late

    async def due(self, now: datetime, most: int) -> Sequence[Todo]:
        return [each for each in await super().due(now, most) if each.due + self._late(each) <= now]


class MergeDuties:
    """What `simulation_duties` is for other lives."""

    SERVICES = tuple(DUTIES)

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._late: dict[str, timedelta] = {}
        self._share = self._chance.choice((0.0, 0.2, 0.6))

    def in_time(self) -> None:
        """From now on nothing is done late."""
        self._late.clear()
        self._share = 0.0

    def projections(self, service: str) -> Sequence[Projection]:
        return [duties_projection(service, DUTIES[service])] if service in DUTIES else []

    def runner_of(
        self, service: str, disk: Disk, process: Process, ports: Any, clock: Any
    ) -> DutyRunner:
        todos = LateTodos(disk, service, self._how_late)
        reached: Any = Reached("todos", todos, process, lambda: StoreDown("no answer"))
        works = [each.on(_ports(service, ports, each)) for each in DUTIES[service]]
        return DutyRunner(reached, works, clock, Watched())

    def _how_late(self, todo: Todo) -> timedelta:
        if todo.id not in self._late:
            late = self._chance.random() < self._share
            self._late[todo.id] = timedelta(seconds=self._chance.random() * 120 if late else 0.0)
        return self._late[todo.id]

    async def due(self, service: str, disk: Disk, clock: Any) -> bool:
        """Whether anything is left to be done, whenever."""
        return bool(await MemoryTodos(disk.views, duties_view(service)).list([OPEN]))


def _ports(service: str, ports: Any, duty: Duty[Any]) -> Any:
    if duty in finishing.DUTIES:
        return ports.match
    if service != "roster":
        return ports.goal if service == "goals" else ports.observation
    access: Access = ports.match.access
    own: Any = access._directory  # its own grants over what it knows
    view: Any = own._directory
    grants, covers = ports.grant.grants._path, ports.cover.covers._path
    path, clock = ports.person.path, ports.person.clock
    days = ports.grant.days
    return of_matches.Ports(path, ports.class_.path, grants, covers, view, days, clock)


class Merging(Simulation):
    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        super().__init__(seed, loop)
        self.duties = MergeDuties(seed)

    def calm(self) -> None:
        super().calm()
        self.duties.in_time()

    def start(self) -> None:
        for service in DUTIES:
            views = (access_projection(service), *self.duties.projections(service))
            self._boot(service, service, True, views)


class District:
    """`begun`: of each thing that was acknowledged, by whom."""

    def __init__(self, simulation: Merging) -> None:
        self.simulation, self.chance = simulation, simulation.chance
        self.begun: dict[tuple[str, str, str], str] = {}
        self.merged = self.parted = 0

    async def act(self) -> None:
        await self._do("roster", import_roster, "sis", "1", file=Roster())
        made = await self._do("observations", draft_tool, "a", "tool", asked=RUBRIC)
        await self._do("observations", publish_tool, "a", "tool", made.id)
        await asyncio.gather(self.decide(), *(self.work(each, made.id) for each in RECORDS))

    async def decide(self) -> None:
        """The administrator's mind changes often, sometimes about several at once."""
        for turn in range(self.chance.randint(3, 8)):
            await asyncio.sleep(self.chance.random() ** 2 * 30)
            both = self.chance.random() < 0.3
            await asyncio.gather(*(self._decide(f"{turn}.{n}") for n in range(2 if both else 1)))

    async def _decide(self, turn: str) -> None:
        matches = await _stored(self.simulation, "roster", "match")
        merged = [each.id for each in matches if each.state["state"] == "merged"]
        if merged and self.chance.random() < 0.55:
            chosen = self.chance.choice(sorted(merged))
            done = await self._try("roster", separate_match, ADMIN, turn, chosen)
            self.parted += done is not None
            return
        source, target = self.chance.sample(RECORDS, 2)
        asked = ProposeMatch(from_person_id=source, into_person_id=target)
        made = await self._try("roster", propose_match, ADMIN, turn, asked=asked)
        if made is not None:
            done = await self._try("roster", confirm_match, ADMIN, turn, made.id)
            self.merged += done is not None

    async def work(self, who: str, tool: str) -> None:
        """Now and then somebody begins something, as far as she is let."""
        for turn in range(self.chance.randint(2, 6)):
            await asyncio.sleep(self.chance.random() * 30)
            if self.chance.random() < 0.6:
                draft = cases.DraftGoal(
                    teacher_id=who,
                    statement=who,
                    focus_skill="x",
                    measure_id="x",
                    unit="x",
                    target=1e6,
                    baseline=0.0,
                )
                made = await self._try("goals", cases.draft_goal, who, str(turn), asked=draft)
                kind = ("goals", "goal")
            else:
                plan = ScheduleObservation(
                    teacher_id=who, tool_id=tool, scheduled_for=self.simulation.clock.now()
                )
                made = await self._try(
                    "observations", schedule_observation, who, str(turn), asked=plan
                )
                kind = ("observations", "observation")
            if made is not None:
                self.begun[*kind, made.id] = who

    async def _do(
        self, service: str, use_case: Any, who: str, turn: str, *ids: str, **said: Any
    ) -> Any:
        name = use_case.__name__
        room = use_case.__module__.split(".")[-2]

        def work(ports: Any, call: Any) -> Any:
            return use_case(getattr(ports, room), call, *ids, **said)

        key = f"{name}/{who}/{turn}/{'/'.join(ids)}"
        return await self.simulation.command(
            service, name, who, key, work, said.pop("patience", 400)
        )

    async def _try(
        self, service: str, use_case: Any, who: str, turn: str, *ids: str, **said: Any
    ) -> Any:
        """None: it was refused, or nobody heard of it."""
        try:
            return await self._do(service, use_case, who, turn, *ids, **said, patience=1)
        except Fault as fault:
            if fault.kind is not Kind.CONFLICT:
                raise
            return None

    # what must be true

    async def check(self) -> None:
        simulation = self.simulation
        assert not simulation.failures, simulation.failures
        simulation.nothing_went_back()
        kept = self._kept(await _stored(simulation, "roster", "match"))
        for service in DUTIES:
            todos = MemoryTodos(simulation.disks[service].views, duties_view(service))
            assert not await todos.list([GIVEN_UP]), "a duty was given up"
            assert not await todos.list([OPEN]), "a duty is not done"
        for each in await _stored(simulation, "goals", "goal"):
            began, has = each.state["statement"], each.state["teacher"]
            assert has == kept[began], f"a goal of {began} is with {has}, not {kept[began]}"
        for (service, kind, id_), began in self.begun.items():
            found = await simulation.disks[service].documents.get(DISTRICT, kind, id_)
            assert found is not None, "what was acknowledged is lost"
            who = {found.state[name] for name in ("teacher", "observer") if name in found.state}
            assert who == {kept[began]}, f"a {kind} of {began} is with {who}, not {kept[began]}"
        people = await _stored(simulation, "roster", "person")
        for each in people:
            name = each.state["sourced_id"]
            into = self._into.get(name, "")
            told = (each.state["merged_into"], each.state["status"])
            assert told == (into, "removed" if into else "active"), f"{name}: {told}"
        for service in DUTIES:
            assert not await simulation.disks[service].documents.pending(1)

    def _kept(self, matches: Sequence[Any]) -> dict[str, str]:
        merged = [each.state for each in matches if each.state["state"] == "merged"]
        self._into = {each["source"]: each["target"] for each in merged}
        assert len(self._into) == len(merged), "given up for two"
        found = {}
        for record in RECORDS:
            at, passed = record, {record}
            while at in self._into:
                at = self._into[at]
                assert at not in passed, "a ring"
                passed.add(at)
            found[record] = at
        return found


async def _stored(simulation: Simulation, service: str, kind: str) -> Sequence[Any]:
    page = await simulation.disks[service].documents.find(DISTRICT, kind, {}, "", 1_000)
    return page.documents


async def _life(simulation: Merging, district: District) -> None:
    simulation.start()
    havoc = asyncio.ensure_future(simulation.havoc(simulation.chance.choice((0, 30, 80))))
    acting = asyncio.ensure_future(district.act())
    await asyncio.wait({acting}, timeout=300.0)
    await havoc
    simulation.calm()
    await acting
    await simulation.net.landed()
    for _ in range(RESTS):
        await asyncio.sleep(10)
        if await simulation.settled():
            break
        simulation.clock.ahead += LAST_LOOK / 2
    assert await simulation.settled(), "the platform does not come to rest"
    await district.check()


def merge_seed(seed: int, met: Met | None = None) -> list[str]:
    """One life; `met` tells how often two were merged and parted. Raises AssertionError."""
    sooner = mock.patch.multiple(merges, LAST_LOOK=LAST_LOOK, ENOUGH=LAST_LOOK / 2)
    with virtual(seed) as loop, sooner:
        simulation = Merging(seed, loop)
        district = District(simulation)
        loop.run_until_complete(_life(simulation, district))
        if met is not None:
            met.update(simulation.net.met)
            met["merge", "merged"] += district.merged
            met["merge", "parted"] += district.parted
        return simulation.net.trace
