"""What people and an administrator do in a district that erases, and what must be true of it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from services.access.districts import OwnRoles
from services.access.erasures import AFTER_HOLD
from services.assembly.registry import WRITE_SERVICES
from services.chassis.kernel import Fault
from services.goals.goal import cases as goals
from services.goals.goal import progress
from services.goals.goal.domain import Goal
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
from services.observations.tool.cases import draft_tool, publish_tool
from services.privacy.artifact_erasure.cases import order_artifact_erasure
from services.privacy.erasure.cases import (
    HoldErasure,
    OrderErasure,
    ReleaseErasure,
    WithdrawErasure,
    hold_erasure,
    order_erasure,
    release_erasure,
    withdraw_erasure,
)
from services.programs.relationship.cases import (
    ProposeRelationship,
    accept_relationship,
    propose_relationship,
)
from services.roster.imports.cases import import_roster
from services.roster.imports.roster_file import KnownRecords, Nouns, ParsedRoster
from services.roster.person.domain import Person, Role, held
from services.roster.record import record_id
from services.surveys.administration.cases import (
    OpenAdministration,
    ScheduleAdministration,
    open_administration,
    schedule_administration,
    submit_response,
)
from services.surveys.administration.closing import close_administration
from services.surveys.instrument.cases import draft_instrument, publish_instrument
from tests.support.simulation_artifacts import LOOKS_AGAIN, body
from tests.support.simulation_duties import RUBRIC
from tests.support.simulation_erased_checks import DISTRICT, KINDS, Thing, Truth
from tests.support.simulation_erasures import Erasing, erasing
from tests.support.simulation_net import Met, virtual
from tests.support.simulation_people import FEW, MEASURE
from tests.support.simulation_restores import Backup, some_rebuilt
from tests.support.simulation_retaining import ask_round
from tests.support.simulation_roster import COACHES, TEACHERS, SmallRoster
from tests.support.simulation_together import Together

ADMIN = "d1"
HERS = TEACHERS[:2]  # about whom things are ordered; about the others nothing ever is
WHY = {"reason": "x"}
ACTS = {
    "ordered": (order_erasure, OrderErasure(**WHY)),
    "held": (hold_erasure, HoldErasure(**WHY)),
    "released": (release_erasure, ReleaseErasure(**WHY)),
    "withdrawn": (withdraw_erasure, WithdrawErasure(**WHY)),
}


class Roster(SmallRoster):
    """With an administrator."""

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        found = await super().read(district, today, own, known)
        role = Role("districtAdministrator", "school", "primary")
        admin = Person(
            id=record_id(district, "person", ADMIN),
            district=district,
            sourced_id=ADMIN,
            given_name=ADMIN,
            family_name="Doe",
            roles=(role,),
            school_years=(),
            held=held((role,), "2026-10-05"),
        )
        return replace(found, people=Nouns({**found.people.records, ADMIN: admin}))


class District(Truth):
    def __init__(self, simulation: Erasing) -> None:
        super().__init__(simulation)
        self.chance, self.ask = simulation.chance, simulation.ask
        self._backup: Backup | None = None
        self.together = Together(self, ADMIN)

    async def begin(self) -> None:
        await self.ask("roster", import_roster, "sis", "1", file=Roster(1), tries=400)
        tool = await self.ask("observations", draft_tool, "t3", "", asked=RUBRIC, tries=400)
        await self.ask("observations", publish_tool, "t3", "", tool.id, tries=400)
        made = await self.ask("surveys", draft_instrument, "t1", "", asked=MEASURE, tries=400)
        await self.ask("surveys", publish_instrument, "t1", "", made.id, tries=400)
        self._tool, self._measure = tool.id, made.id
        await self.together.begin()

    async def act(self) -> None:
        """Everybody works, and the administrator's mind changes often."""
        await asyncio.gather(
            *(self.work(each) for each in TEACHERS),
            *(self.decide(each) for each in HERS),
        )

    async def decide(self, person: str) -> None:
        for _ in range(self.chance.randint(1, 5)):
            await asyncio.sleep(self.chance.random() * 60)
            if self.chance.random() < 0.4:
                await self.one_thing(person)
            else:
                await self.decided(person, self.chance.choice(("ordered", "ordered", *ACTS)))

    async def decided(self, person: str, act: str) -> Any:
        use_case, body = ACTS[act]
        return await self.ask("privacy", use_case, ADMIN, self.turn(), person, asked=body)

    async def one_thing(self, person: str) -> None:
        """Of hers, or of nobody's, is ordered to be erased alone."""
        kinds = ("goal", "observation", "administration")
        hers = [
            each for each in self.things.values() if each.teacher == person and each.kind in kinds
        ]
        if hers:
            await self.alone_too(self.chance.choice(hers))

    async def alone_too(self, thing: Thing) -> None:
        asked = body(thing.kind, thing.id, thing.teacher)
        work = order_artifact_erasure
        if await self.ask("privacy", work, ADMIN, self.turn(), asked=asked) is not None:
            self.singly[thing.id] = thing

    async def work(self, teacher: str) -> None:
        for _ in range(self.chance.randint(2, 5)):
            await asyncio.sleep(self.chance.random() * 40)
            work = self.chance.choice((self.goal, self.goal, self.observation, self.relation))
            if teacher in ("t1", "t2") and self.chance.random() < 0.3:
                work = self.survey
            if self.chance.random() < 0.4:
                work = self.together.act
            await work(teacher)

    async def goal(self, teacher: str) -> None:
        word, turn = self.word(teacher), self.turn()
        draft = goals.DraftGoal(
            teacher_id=teacher,
            statement=word,
            focus_skill=word,
            measure_id="x",
            unit="x",
            target=1e6,
            baseline=0.0,
        )
        made = await self.ask("goals", goals.draft_goal, teacher, turn, asked=draft)
        thing = self.began("goal", made, (teacher,), word)
        if thing is None or await self.ask("goals", activate_goal, teacher, turn, made.id) is None:
            return
        for value in range(self.chance.randint(1, 6)):  # some of which leave the goal
            noted = goals.RecordProgress(value=float(value), note=word)
            work = goals.record_progress
            if await self.ask("goals", work, teacher, f"{value}", made.id, asked=noted) is None:
                return
            thing.values.append(float(value))

    async def observation(self, teacher: str) -> None:
        word, turn = self.word(teacher), self.turn()
        plan = ScheduleObservation(
            teacher_id=teacher, tool_id=self._tool, scheduled_for=self.simulation.clock.now()
        )
        ask = self.ask
        made = await ask("observations", schedule_observation, teacher, turn, asked=plan)
        if self.began("observation", made, (teacher,), word) is None:
            return
        seen = RecordScores(
            scores=[CriterionScore(criterion_id="talk", score=2)],
            notes=[CriterionNote(criterion_id="talk", text=word)],
        )
        await ask("observations", record_scores, teacher, turn, made.id, asked=seen)
        for step in (complete_observation, share_observation):
            await ask("observations", step, teacher, turn, made.id)

    async def relation(self, teacher: str) -> None:
        coach = self.chance.choice(COACHES)
        asked = ProposeRelationship(coach_id=coach, teacher_id=teacher)
        made = await self.ask("programs", propose_relationship, coach, self.turn(), asked=asked)
        if made is not None:
            self.began("relationship", made, (teacher,))
            work, turn = accept_relationship, self.turn()
            if await self.ask("programs", work, teacher, turn, made.id) is not None:
                self.together.related[made.id] = (coach, teacher)

    async def survey(self, teacher: str) -> None:
        turn = self.turn()
        asked = ScheduleAdministration(
            instrument_id=self._measure, teacher_id=teacher, class_id="math"
        )
        made = await self.ask("surveys", schedule_administration, teacher, turn, asked=asked)
        if self.began("administration", made, (teacher,)) is None:
            return
        few = OpenAdministration(seats=FEW)
        opened = await self.ask("surveys", open_administration, teacher, turn, made.id, asked=few)
        if opened is None:
            return
        for code in opened.codes()[: self.chance.randint(1, FEW)]:
            said: dict[str, Any] = {"code": code, "answers": [("heard", 2)]}
            await self.ask("surveys", submit_response, "", turn, made.id, **said)
        if self.chance.random() < 0.5:
            await self.ask("surveys", close_administration, teacher, turn, made.id)

    async def backed_up(self) -> None:
        await asyncio.sleep(self.chance.random() * 200)
        self._backup = Backup(self.simulation, self.chance.choice(tuple(WRITE_SERVICES)))

    async def restored(self) -> None:
        """And all go on. What is ordered and lost is ordered again."""
        simulation, backup = self.simulation, self._backup
        assert backup is not None
        await self._read_orders()
        self.carried = {
            each: until for each in HERS if (until := await self.erased_until(each)) is not None
        }
        await backup.restore(simulation)
        self.restores += 1
        documents = simulation.disks[backup.service].documents
        for thing in [each for each in self.things.values() if KINDS[each.kind] == backup.service]:
            there = await documents.get(DISTRICT, thing.kind, thing.id)
            if thing.id not in documents._stored:
                del self.things[thing.id]
            elif there is not None and thing.kind == "goal":
                values = await self._values(thing)
                thing.values = [each for each in thing.values if each in values]
        simulation.storm()
        await self.act()
        simulation.calm()
        await simulation.rest()
        for person, until in self.carried.items():
            found = await self.order(person)
            if found is None or not any(each["at"] >= until for each in found["steps"]):
                await self._ordered_again(person)
        for thing in list(self.singly.values()):
            if thing.id in self.things:
                await self.alone_too(thing)

    async def _ordered_again(self, person: str) -> None:
        found = await self.order(person)
        if found is None or found["ordered_at"] is None or found["state"] == "done":
            assert await self.decided(person, "ordered") is not None

    async def round(self) -> None:
        """Everything that is over has had its time, but of whom a hold is on."""
        key = f"round/{self.turn()}"
        for _ in range(12):
            with contextlib.suppress(Fault):
                command = self.simulation.command
                if await command("privacy", "ask_retention", ADMIN, key, ask_round, patience=1):
                    return

    async def rounds_now_and_then(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            await asyncio.sleep(self.chance.random() * 150)
            await self.round()

    async def nothing_is_kept(self) -> None:
        """A last round, while nobody does anything and no hold is on anybody."""
        await self.round()
        await self.simulation.rest()
        for kind in ("goal", "observation"):
            documents = self.simulation.disks[KINDS[kind]].documents
            left = await documents.find(DISTRICT, kind, {}, "", 1_000)
            assert not left.documents, f"a {kind} outlives its time"

    async def all_is_done(self) -> None:
        """What is held is released, and all that was ordered is carried out."""
        simulation = self.simulation
        for person in HERS:
            found = await self.order(person)
            if found is not None and found["state"] == "held":
                assert await self.decided(person, "released") is not None
        await simulation.rest()
        for _ in range(5):
            orders = [await self.order(person) for person in HERS]
            kept = any(each is not None and each["state"] == "under_way" for each in orders)
            # as long as a service may have heard of it too late, or somebody else was held
            if kept or await self.waiting():
                await asyncio.sleep(max(LOOKS_AGAIN, AFTER_HOLD).total_seconds())
                await simulation.rest()


async def activate_goal(ports: Any, call: Any, goal_id: str) -> Any:
    return await ports.goals.move(call, goal_id, Goal.activate)


activate_goal.__module__ = goals.__name__


@patch.object(progress, "KEPT", 2)
async def a_life(simulation: Erasing, district: District) -> None:
    simulation.start()
    acting = asyncio.ensure_future(_acting(simulation, district))
    havoc = asyncio.ensure_future(simulation.havoc(simulation.chance.choice((0, 30, 90))))
    await asyncio.wait({acting}, timeout=400.0)
    await havoc
    simulation.calm()
    await acting
    await simulation.rest()
    if simulation.chance.random() < 0.4:
        await district.restored()
    await district.all_is_done()
    await simulation.again()
    await simulation.redriven()
    await simulation.rest()
    await district.check()
    if simulation.chance.random() < 0.3:
        await district.nothing_is_kept()
        await simulation.again()
        await simulation.redriven()
        await simulation.rest()
        await district.check()


async def _acting(simulation: Erasing, district: District) -> None:
    await district.begin()
    others = [district.backed_up()]
    if simulation.chance.random() < 0.4:
        name = simulation.chance.choice(sorted(simulation.running))
        others.append(simulation.stays_away(name, simulation.chance.random() * 300))
    if simulation.chance.random() < 0.5:
        others.append(district.rounds_now_and_then())
    if simulation.chance.random() < 0.5:
        others.append(_parked(simulation))
    if simulation.chance.random() < 0.5:
        others.append(some_rebuilt(simulation))
    await asyncio.gather(district.act(), *others)


async def _parked(simulation: Erasing) -> None:
    for _ in range(4):
        await asyncio.sleep(simulation.chance.random() * 60)
        await simulation.redriven()
        await simulation.again(5)


def erased_seed(seed: int, met: Met | None = None) -> list[str]:
    """One life; `met` tells how many things were erased and kept. Raises AssertionError."""
    with virtual(seed) as loop, erasing():
        simulation = Erasing(seed, loop)
        district = District(simulation)
        loop.run_until_complete(a_life(simulation, district))
        if met is not None:
            met.update(simulation.net.met)
            met["erasure", "erased"] += district.erased
            met["erasure", "restored"] += district.restores
            met["erasure", "retained"] += district.retained
            met["erasure", "single"] += district.single
            met["erasure", "kept"] += len(district.things) - district.erased
        return simulation.net.trace
