"""What people do in a simulated district, and what must be true when all is quiet again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from services.access.profile import profile_of
from services.access.projection import COLLECTION, access_projection
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.call import Call
from services.chassis.log.envelope import open_envelope
from services.chassis.views.projection import Projection
from services.chassis.write.documents import JournalEntry
from services.goals.goal import cases, lists, progress
from services.goals.goal.codec import PROGRESS
from services.goals.goal.domain import Goal
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from services.observations.observation.cases import (
    ScheduleObservation,
    complete_observation,
    record_scores,
    schedule_observation,
    share_observation,
)
from services.observations.observation.correcting import CorrectScore, correct_score
from services.observations.observation.domain import Observation
from services.observations.tool.cases import draft_tool, publish_tool
from services.programs.relationship.cases import (
    ProposeRelationship,
    accept_relationship,
    propose_relationship,
)
from services.programs.relationship.domain import Relationship
from services.roster.imports.cases import import_roster
from services.surveys.administration.cases import (
    OpenAdministration,
    ScheduleAdministration,
    cancel_administration,
    open_administration,
    schedule_administration,
    submit_response,
)
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from services.surveys.instrument.cases import draft_instrument, publish_instrument
from services.surveys.instrument.domain import Item, Scale, ScaleKind
from tests.support import simulation_duties
from tests.support.goal_cards import all_records
from tests.support.journals import envelope_of, journals_of
from tests.support.oracles import fold_state, live_rows, replay_log
from tests.support.simulation import Simulation
from tests.support.simulation_checks import nothing_lacks
from tests.support.simulation_net import Met, virtual
from tests.support.simulation_roster import COACHES, STUDENTS, TEACHERS, SmallRoster
from tests.support.simulation_typing import Mistyped, Typing
from tests.support.surveys import drafting

DISTRICT = "north"
SCALE = Scale("agree", ScaleKind.NUMERIC, (1, 2, 3), ("no", "some", "yes"), 3)
MEASURE = drafting([SCALE], [Item("heard", "x", "x", "x", "x", "agree")])
FEW = 5  # seats: the district's smallest group


async def activate_goal(ports: Any, call: Call, goal_id: str) -> Any:
    return await ports.goal.goals.move(call, goal_id, Goal.activate)


async def achieve_goal(ports: Any, call: Call, goal_id: str) -> Any:
    return await ports.goal.goals.move(call, goal_id, Goal.achieve)


async def end_relationship(ports: Any, call: Call, relationship_id: str) -> Any:
    return await ports.relationship.relationships.move(call, relationship_id, Relationship.end)


async def acknowledge_observation(ports: Any, call: Call, observation_id: str) -> Any:
    held = ports.observation.observations
    return await held.move(call, observation_id, Observation.acknowledge)


async def reopen_administration(ports: Any, call: Call, administration_id: str) -> Any:
    held = ports.administration.administrations
    return await held.move(call, administration_id, Administration.reopen)


def _room(ports: Any, use_case: Any) -> Any:
    """The ports of a use case's room, or those of its service."""
    return getattr(ports, use_case.__module__.split(".")[-2], ports)


class People:
    """`acked`: what was answered with success, `asked`: all that was ever sent. Progress
    values by goal; every value is used once."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.chance = simulation, simulation.chance
        self.acked: dict[str, list[float]] = defaultdict(list)
        self.asked: dict[str, list[float]] = defaultdict(list)
        self.goals: dict[str, str] = {}  # goal -> its state
        self.coached: dict[str, set[str]] = defaultdict(set)
        self.surveys: dict[str, int] = {}  # administration -> answers acknowledged
        self.parting = simulation_duties.Parting(self)
        self.too_few = simulation_duties.TooFew(self)
        self.typing, self.mistyped = Typing(self), Mistyped(self)

    async def act(self) -> None:
        scripts = [self.roster(), *(self.coach(coach, t) for t, coach in self._pairs())]
        if self.chance.random() < 0.25:
            scripts.append(self.survey())
        if self.chance.random() < 0.25:
            scripts.append(self.observation())
        if self.chance.random() < 0.35:
            scripts.append(self.typing.life(self.chance.choice(COACHES)))
        await asyncio.gather(*scripts)

    def _pairs(self) -> list[tuple[str, str]]:
        teachers = self.chance.sample(TEACHERS, self.chance.randint(1, 2))
        return [(teacher, self.chance.choice(COACHES)) for teacher in teachers]

    async def _do(
        self,
        service: str,
        use_case: Any,
        who: str,
        *ids: str,
        patience: int = 400,
        turn: str = "",
        **said: Any,
    ) -> Any:
        """One command, now and then sent by two at once under the one key."""
        operation = use_case.__name__
        said_so = f"{said.get('value', '')}{said.get('teacher', '')}{turn}"
        key = f"{operation}/{who}/{'/'.join(ids)}/{said_so}"

        def once() -> Any:
            return self.simulation.command(
                service,
                operation,
                who,
                key,
                lambda ports, call: use_case(_room(ports, use_case), call, *ids, **said),
                patience,
            )

        await asyncio.sleep(self.chance.random() * 2)
        if self.chance.random() < 0.1:
            return (await asyncio.gather(once(), once()))[0]
        return await once()

    async def roster(self) -> None:
        for edition in (1, 2):
            await self._do("roster", import_roster, "sis", file=SmallRoster(edition))
            await asyncio.sleep(self.chance.random() * 20)

    async def coach(self, coach: str, teacher: str) -> None:
        proposal = ProposeRelationship(coach_id=coach, teacher_id=teacher)
        made = await self._do("programs", propose_relationship, coach, turn=teacher, asked=proposal)
        await self._do("programs", accept_relationship, teacher, made.id)
        self.coached[teacher].add(coach)
        await self._do(  # there is nothing to do
            "programs", propose_relationship, teacher, turn=coach, asked=proposal
        )
        goal = await self._do(
            "goals",
            cases.draft_goal,
            coach,
            asked=cases.DraftGoal(
                teacher_id=teacher,
                statement="x",
                focus_skill="x",
                measure_id="x",
                unit="x",
                target=1e6,
                baseline=0.0,
            ),
            turn=teacher,
        )
        await self._do("goals", activate_goal, teacher, goal.id)
        self.goals[goal.id] = "active"
        count = self.chance.randint(3, 6)  # so that some leave the goal
        writers = [self._progress(coach, goal.id, 100.0 + n) for n in range(count)]
        await asyncio.gather(*writers, self._progress(teacher, goal.id, 1.0))
        acked = set(self.acked[goal.id])
        pages = await asyncio.gather(
            *(
                self._do("goals", lists.list_progress, who, goal.id, after="", limit=9)
                for who in (teacher, coach, teacher)
            )
        )
        for listed in pages:
            assert acked <= {each.part.value for each in listed.items}, "a write is not listed"
        if self.chance.random() < 0.4:
            await self.mistyped.correct(pages[0].items, goal.id, coach, teacher)
        if self.chance.random() < 0.4:
            await self._do("goals", achieve_goal, teacher, goal.id)
            self.goals[goal.id] = "achieved"
        if self.chance.random() < 0.4:
            parting = self.chance.random() < 0.6
            if parting:
                await self.parting.begin(coach, teacher)
            await self._do("programs", end_relationship, coach, made.id)
            self.coached[teacher].discard(coach)
            if parting:  # what follows from it meets faults, too
                await asyncio.sleep(self.chance.random() * 30)

    async def _progress(self, who: str, goal: str, value: float) -> None:
        patience = 1 if self.chance.random() < 0.1 else 400  # some never ask again
        self.asked[goal].append(value)
        done = await self._do(
            "goals",
            cases.record_progress,
            who,
            goal,
            patience=patience,
            asked=cases.RecordProgress(value=value),
            turn=str(value),
        )
        if done is not None:
            self.acked[goal].append(value)

    async def survey(self) -> None:
        made = await self._do("surveys", draft_instrument, "t1", asked=MEASURE)
        await self._do("surveys", publish_instrument, "t1", made.id)
        asked = ScheduleAdministration(instrument_id=made.id, teacher_id="t1", class_id="math")
        few = OpenAdministration(seats=FEW)

        async def plan(turn: str) -> Any:
            return await self._do("surveys", schedule_administration, "t1", asked=asked, turn=turn)

        mistake = await plan("mistake")
        await self._do("surveys", open_administration, "t1", mistake.id, asked=few)
        await self._do("surveys", cancel_administration, "t1", mistake.id)
        survey = await plan("meant")
        opened = await self._do("surveys", open_administration, "t1", survey.id, asked=few)
        acknowledged = 0

        async def answer(code: str) -> int:
            sheet = [("heard", self.chance.randint(1, 3))]
            await self._do("surveys", submit_response, "", survey.id, code=code, answers=sheet)
            return 1

        early = opened.codes()[: FEW - 1]  # too few for a figure
        for code in early:
            acknowledged += await answer(code)
        if self.chance.random() < 0.5:  # too early, by mistake
            await self._do("surveys", close_administration, "t1", survey.id, turn="early")
            await self._do("surveys", reopen_administration, "t1", survey.id)
        every = OpenAdministration(seats=STUDENTS)
        more = await self._do(
            "surveys", open_administration, "t1", survey.id, asked=every, turn="more"
        )
        for code in sorted(set(more.codes()) - set(early)):
            acknowledged += await answer(code)
        await self._do("surveys", close_administration, "t1", survey.id)
        self.surveys[survey.id] = acknowledged
        if self.chance.random() < 0.5:
            await self.too_few.close(asked, few)

    async def observation(self) -> None:
        tool = await self._do("observations", draft_tool, "t2", asked=simulation_duties.RUBRIC)
        await self._do("observations", publish_tool, "t2", tool.id)
        plan = ScheduleObservation(
            teacher_id="t2", tool_id=tool.id, scheduled_for=self.simulation.clock.now()
        )
        made = await self._do("observations", schedule_observation, "t2", asked=plan)
        seen = simulation_duties.SEEN
        await self._do("observations", record_scores, "t2", made.id, asked=seen)
        for step in (complete_observation, share_observation, acknowledge_observation):
            await self._do("observations", step, "t2", made.id)
        again = CorrectScore(score=1, reason="mistyped")
        await self._do("observations", correct_score, "t2", made.id, "talk", asked=again)
        self.mistyped.scored.append(made.id)

    # what must be true

    async def check(self) -> None:
        simulation = self.simulation
        assert not simulation.failures, simulation.failures
        simulation.nothing_went_back()
        for goal, state in self.goals.items():
            await self._check_goal(goal, state)
        for survey, answers in self.surveys.items():
            found = await simulation.disks["surveys"].documents.get(
                DISTRICT, "administration", survey
            )
            assert found is not None
            results = found.state["results"]
            assert results["n_min"] <= answers <= results["n_max"], "answers are lost"
        for service in WRITE_SERVICES:
            await self._check_events(service)
        await self._check_views()
        await self.parting.check(DISTRICT)
        await self.mistyped.check(DISTRICT)
        self.typing.check(DISTRICT)

    async def _check_goal(self, goal: str, state: str) -> None:
        found = await self.simulation.disks["goals"].documents.get(DISTRICT, "goal", goal)
        assert found is not None, "an acknowledged goal is lost"
        assert found.state["state"] == state, "an acknowledged change is lost"
        journal = self.simulation.disks["goals"].journal
        left = await journal.left(DISTRICT, goal, PROGRESS.kind, 99, 99)
        values = [each["value"] for each in found.state["progress"]]
        assert len(left) == found.state["settled"], "what has left the goal is not kept"
        values += [each.state["value"] for each in left]
        assert len(values) == len(set(values)), "a write is applied twice"
        assert set(self.acked[goal]) <= set(values), "an acknowledged write is lost"
        assert set(values) <= set(self.asked[goal])
        keys = [use.key for use in found.keys]
        assert len(keys) == len(set(keys)), "a key is used twice"
        extra = (3 if state == "achieved" else 2) + self.mistyped.of(goal)
        assert found.version == extra + len(values), "versions are not gapless"

    async def _check_events(self, service: str) -> None:
        disk = self.simulation.disks[service]
        assert not await disk.documents.pending(1), "an outbox is not empty"
        journaled: dict[str, list[int]] = defaultdict(list)
        for entry in await self._journal(service):
            journaled[entry.aggregate_id].append(entry.event.version)
        for aggregate, stored in disk.documents._stored.items():
            versions = list(range(1, stored.document.version + 1))
            assert journaled[aggregate] == versions, "the journal has gaps"
        assert journaled.keys() == disk.documents._stored.keys()
        firsts: dict[tuple[str, str], list[int]] = defaultdict(list)
        for record in self.simulation.log.all(SERVICES[service].topic):
            envelope = open_envelope(record.headers, record.key)
            seen = firsts[envelope.aggregate_id, envelope.key]
            if envelope.version not in seen:
                assert not seen or envelope.version > seen[-1], "out of order"
                seen.append(envelope.version)

    async def _check_views(self) -> None:
        wanted: list[tuple[str, Projection]] = [
            ("insights", insights_projection()),
            ("insights", timeline_projection()),
        ]
        wanted += [(name, access_projection(name)) for name in SERVICES]
        entries = [each for name in WRITE_SERVICES for each in await self._journal(name)]
        journal = [(envelope_of(e, key), e.event.data) for e in entries for key in e.event.keys]
        journals = await journals_of(entries)
        for service, projection in wanted:
            views = self.simulation.disks[service].views
            assert not views.parked
            records = all_records(self.simulation.log, projection)
            log, state = replay_log(projection, records), fold_state(projection, journal)
            assert log == state, f"{service}: the log says other than the services"
            await nothing_lacks(self.simulation, journals, service, projection, log)
            generation = await views.generation(projection.group)
            for collection, rows in log.items():
                live = await live_rows(views.scan(generation, collection))
                assert live == rows, f"{service}: {collection} differs from a replay"
            if projection.group.endswith("-access"):
                self._check_access(views.rows.get(COLLECTION, {}))

    def _check_access(self, rows: Any) -> None:
        for teacher in TEACHERS:
            profile = profile_of(rows[f"{DISTRICT}:{teacher}"])
            assert profile.active
            assert {tie.coach for tie in profile.ties} == self.coached[teacher], "wrong coaches"
            classes = {"math": STUDENTS} if teacher in ("t1", "t3") else {}
            assert profile.classes == classes, "wrong classes"

    async def _journal(self, service: str) -> Sequence[JournalEntry]:
        return await self.simulation.disks[service].journal.read("", None, "", 100_000)


@patch.object(progress, "KEPT", 2)
async def whole_life(simulation: Simulation, people: People) -> None:
    """Faults while people act, then quiet, then all must be right. Few values stay in a goal."""
    simulation.start()
    havoc = asyncio.ensure_future(simulation.havoc(simulation.chance.choice((0, 15, 40))))
    acting = asyncio.ensure_future(people.act())
    await asyncio.wait({acting}, timeout=60.0)
    await havoc
    simulation.calm()
    await acting
    await simulation.rest()
    await people.check()


def run_seed(seed: int, met: Met | None = None) -> list[str]:
    """One life from one seed; what happened in it, and in `met` which trouble befell which
    call. Raises AssertionError."""
    with virtual(seed) as loop:
        simulation = Simulation(seed, loop)
        people = People(simulation)
        loop.run_until_complete(whole_life(simulation, people))
        if seed % 4 == 0:
            loop.run_until_complete(people.parting.the_year_ends(DISTRICT))
        if met is not None:
            met.update(simulation.net.met)
        return simulation.net.trace
