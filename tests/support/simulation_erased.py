"""What people and an administrator do in a district that erases, and what must be true of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from services.access.districts import OwnRoles
from services.access.projection import access_projection
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.field_names import field_name
from services.chassis.views.projection import Projection
from services.chassis.write.documents import JournalEntry
from services.goals.goal import cases as goals
from services.goals.goal import progress
from services.goals.goal.codec import PROGRESS
from services.goals.goal.domain import Goal
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
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
from tests.support.goal_cards import all_records
from tests.support.journals import envelope_of
from tests.support.oracles import fold_state, live_rows, replay_log
from tests.support.simulation_duties import RUBRIC
from tests.support.simulation_erasures import Erasing, erasing
from tests.support.simulation_net import Met, virtual
from tests.support.simulation_people import FEW, MEASURE
from tests.support.simulation_roster import COACHES, TEACHERS, SmallRoster

DISTRICT, ADMIN = "north", "d1"
HERS = TEACHERS[:2]  # about whom things are ordered; about the others nothing ever is
WHY = {"reason": "x"}
ACTS = {
    "ordered": (order_erasure, OrderErasure(**WHY)),
    "held": (hold_erasure, HoldErasure(**WHY)),
    "released": (release_erasure, ReleaseErasure(**WHY)),
    "withdrawn": (withdraw_erasure, WithdrawErasure(**WHY)),
}
BEGAN = {
    "goal": "drafted_at",
    "observation": "scheduled_at",
    "administration": "scheduled_at",
    "relationship": "proposed_at",
}
KINDS = {
    "goal": "goals",
    "observation": "observations",
    "administration": "surveys",
    "relationship": "programs",
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


@dataclass
class Thing:
    """What somebody was told is there. `word` stands in each text of it; `values` were
    acknowledged."""

    kind: str
    id: str
    teacher: str
    began: datetime
    word: str = ""
    values: list[float] = field(default_factory=list)


class District:
    """`things`: all that was acknowledged, by id."""

    def __init__(self, simulation: Erasing) -> None:
        self.simulation, self.chance, self.ask = simulation, simulation.chance, simulation.ask
        self.things: dict[str, Thing] = {}
        self.words: dict[str, str] = {}  # word -> teacher: all that was ever sent
        self.erased = 0
        self._turn = 0

    async def begin(self) -> None:
        await self.ask("roster", import_roster, "sis", "1", file=Roster(1), tries=400)
        tool = await self.ask("observations", draft_tool, "t3", "", asked=RUBRIC, tries=400)
        await self.ask("observations", publish_tool, "t3", "", tool.id, tries=400)
        made = await self.ask("surveys", draft_instrument, "t1", "", asked=MEASURE, tries=400)
        await self.ask("surveys", publish_instrument, "t1", "", made.id, tries=400)
        self._tool, self._measure = tool.id, made.id

    async def act(self) -> None:
        """Everybody works, and the administrator's mind changes often."""
        await asyncio.gather(
            *(self.work(each) for each in TEACHERS),
            *(self.decide(each) for each in HERS),
        )

    async def decide(self, person: str) -> None:
        for _ in range(self.chance.randint(1, 5)):
            await asyncio.sleep(self.chance.random() * 60)
            await self.decided(person, self.chance.choice(("ordered", "ordered", *ACTS)))

    async def decided(self, person: str, act: str) -> Any:
        use_case, body = ACTS[act]
        return await self.ask("privacy", use_case, ADMIN, self.turn(), person, asked=body)

    def turn(self) -> str:
        self._turn += 1
        return str(self._turn)

    async def work(self, teacher: str) -> None:
        for _ in range(self.chance.randint(2, 5)):
            await asyncio.sleep(self.chance.random() * 40)
            work = self.chance.choice((self.goal, self.goal, self.observation, self.relation))
            if teacher in ("t1", "t2") and self.chance.random() < 0.3:
                work = self.survey
            await work(teacher)

    def began(self, kind: str, made: Any, teacher: str, word: str = "") -> Thing | None:
        if made is None:
            return None
        thing = Thing(kind, made.id, teacher, getattr(made, BEGAN[kind]), word)
        return self.things.setdefault(made.id, thing)

    def word(self, teacher: str) -> str:
        word = f"word-{teacher}-{self.turn()}-end"
        self.words[word] = teacher
        return word

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
        thing = self.began("goal", made, teacher, word)
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
        if self.began("observation", made, teacher, word) is None:
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
            self.began("relationship", made, teacher)
            await self.ask("programs", accept_relationship, teacher, self.turn(), made.id)

    async def survey(self, teacher: str) -> None:
        turn = self.turn()
        asked = ScheduleAdministration(
            instrument_id=self._measure, teacher_id=teacher, class_id="math"
        )
        made = await self.ask("surveys", schedule_administration, teacher, turn, asked=asked)
        if self.began("administration", made, teacher) is None:
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

    async def all_is_done(self) -> None:
        """What is held is released, and all that was ordered is carried out."""
        simulation = self.simulation
        for person in HERS:
            found = await self.order(person)
            if found is not None and found["state"] == "held":
                assert await self.decided(person, "released") is not None
        await simulation.rest()

    # what must be true

    async def order(self, person: str) -> Mapping[str, Any] | None:
        disk = self.simulation.disks["privacy"]
        page = await disk.documents.find(DISTRICT, "erasure", {"person": person}, "", 9)
        return page.documents[0].state if page.documents else None

    async def erased_until(self, person: str) -> datetime | None:
        """What was begun by then is erased."""
        found = await self.order(person)
        if found is None:
            return None
        assert found["state"] in ("clear", "held", "done"), f"{person}: {found['state']}"
        carried: datetime | None = None
        waits: datetime | None = None
        is_held = False
        for each in found["steps"]:
            step = each["step"]
            is_held = step == "held" or (is_held and step != "released")
            if step in ("ordered", "withdrawn", "held"):
                waits = each["at"] if step == "ordered" else None
            if waits is not None and not is_held:
                carried, waits = waits, None
        return carried

    async def check(self) -> None:
        simulation = self.simulation
        assert not simulation.failures, simulation.failures
        simulation.nothing_went_back()
        for service in simulation.duties.SERVICES:
            given_up = await simulation.duties.given_up(service, simulation.disks[service])
            assert not given_up, f"a duty was given up: {given_up}"
        until = {each: await self.erased_until(each) for each in TEACHERS}
        gone: set[str] = set()
        stay: set[str] = set()
        for kind, service in KINDS.items():
            documents = simulation.disks[service].documents
            page = await documents.find(DISTRICT, kind, {}, "", 1_000)
            for each in page.documents:
                stay.add(each.id)
                last = until[each.state["teacher"]]
                late = last is None or each.state[BEGAN[kind]] > last
                assert late, f"a {kind} of before is still there"
                if kind == "goal":
                    stay.add(each.state["statement"])
            for id_, stored in documents._stored.items():
                if stored.was == kind:
                    gone.add(id_)
        for thing in self.things.values():
            last = until[thing.teacher]
            if last is None or thing.began > last:
                await self._is_there(thing)
            else:
                assert thing.id in gone, f"a {thing.kind} has no tombstone"
        self.erased = len(gone & self.things.keys())
        await self._nowhere(gone)
        lost = {word for word, whose in self.words.items() if until[whose] is not None}
        kept = {thing.word for thing in self.things.values() if thing.id not in gone}
        self._unsaid(lost - kept - stay)
        await self._views()

    async def _is_there(self, thing: Thing) -> None:
        disk = self.simulation.disks[KINDS[thing.kind]]
        found = await disk.documents.get(DISTRICT, thing.kind, thing.id)
        assert found is not None, f"a {thing.kind} of {thing.teacher} is lost"
        if thing.kind != "goal":
            return
        left = await disk.journal.left(DISTRICT, thing.id, PROGRESS.kind, 99, 99)
        values = [each["value"] for each in found.state["progress"]]
        values += [each.state["value"] for each in left]
        assert set(thing.values) <= set(values), "an acknowledged value is lost"

    async def _nowhere(self, gone: Iterable[str]) -> None:
        simulation = self.simulation
        for service in WRITE_SERVICES:
            disk = simulation.disks[service]
            kept: dict[str, list[bool]] = defaultdict(list)
            for entry in await self._journal(service):
                kept[entry.aggregate_id].append(entry.event.erases)
            for id_ in gone:
                stored = disk.documents._stored.get(id_)
                if stored is None:
                    continue
                assert not stored.document.state
                assert not stored.outbox
                assert not stored.document.keys
                assert kept[id_] == [True], f"its journal: {kept[id_]}"
            sheets = [each for each in disk.seats._seats.values() if each.sheet]
            assert not [each for each in sheets if each.administration in gone], "answers"
        for name in SERVICES:
            views = simulation.disks[name].views
            for collection, rows in views.rows.items():
                if collection.startswith("duties"):
                    continue
                for row in rows.values():
                    for group, facts in row["facts"].items():
                        for id_ in gone:
                            fact = facts.get(field_name(id_))
                            told = fact is None or fact.keys() == {"v", "at", "gone"}
                            assert told, f"{name} {collection} {group}: {fact}"
            for parked in views.parked.values():
                assert parked.aggregate not in gone or parked.record.value is None, (
                    f"{parked.group} has parked, {parked.state}: {parked.reason}"
                )

    def _unsaid(self, words: Iterable[str]) -> None:
        """None of these stands in any store."""
        for name in SERVICES:
            disk = self.simulation.disks[name]
            stores = {
                "documents": repr(disk.documents._stored),
                "journal": repr(vars(disk.journal)),
                "rows": repr(disk.views.rows),
                "parked": repr(disk.views.parked),
            }
            for what, held_ in stores.items():
                found = [word for word in words if word in held_]
                assert not found, f"{name}: {found} in {what}"

    async def _views(self) -> None:
        wanted: list[tuple[str, Projection]] = [
            ("insights", insights_projection()),
            ("insights", timeline_projection()),
        ]
        wanted += [(name, access_projection(name)) for name in SERVICES]
        entries = [each for name in WRITE_SERVICES for each in await self._journal(name)]
        journal = [(envelope_of(e, key), e.event.data) for e in entries for key in e.event.keys]
        for service, projection in wanted:
            views = self.simulation.disks[service].views
            whole = all_records(self.simulation.log, projection)
            log, state = replay_log(projection, whole), fold_state(projection, journal)
            assert log == state, f"{projection.group}: the log says other than the services"
            generation = await views.generation(projection.group)
            for collection, rows in log.items():
                live = await live_rows(views.scan(generation, collection))
                assert live == rows, f"{projection.group}: {collection} differs from a replay"

    async def _journal(self, service: str) -> Sequence[JournalEntry]:
        return await self.simulation.disks[service].journal.read("", None, "", 100_000)


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
    await district.all_is_done()
    await simulation.again()
    await simulation.redriven()
    await simulation.rest()
    await district.check()


async def _acting(simulation: Erasing, district: District) -> None:
    await district.begin()
    others = []
    if simulation.chance.random() < 0.4:
        name = simulation.chance.choice(sorted(simulation.running))
        others.append(simulation.stays_away(name, simulation.chance.random() * 300))
    if simulation.chance.random() < 0.5:
        others.append(_parked(simulation))
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
            met["erasure", "kept"] += len(district.things) - district.erased
        return simulation.net.trace
