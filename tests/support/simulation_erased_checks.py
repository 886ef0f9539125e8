"""What must be true of a simulated district that erases, when all is quiet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.access.projection import access_projection
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.field_names import field_name
from services.chassis.views.projection import Projection
from services.chassis.write.documents import JournalEntry
from services.goals.goal.codec import PROGRESS
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from tests.support.goal_cards import all_records
from tests.support.journals import envelope_of
from tests.support.oracles import fold_state, live_rows, replay_log
from tests.support.simulation_artifacts import Alone
from tests.support.simulation_erasures import Erasing
from tests.support.simulation_retaining import Rounds
from tests.support.simulation_roster import TEACHERS

DISTRICT = "north"
BEGAN = {
    "goal": "drafted_at",
    "observation": "scheduled_at",
    "administration": "scheduled_at",
    "relationship": "proposed_at",
    "enrollment": "first_enrolled_at",
    "coaching_session": "scheduled_at",
    "circle": "first_proposed_at",
    "agreement": "begun_at",
    "planning_entry": "written_at",
}
KINDS = {
    "goal": "goals",
    "observation": "observations",
    "administration": "surveys",
    "relationship": "programs",
    "enrollment": "programs",
    "coaching_session": "programs",
    "circle": "programs",
    "agreement": "programs",
    "planning_entry": "programs",
}


@dataclass
class Thing:
    """What somebody was told is there. It is about `people`, and goes with what is erased about any
    of them, or with what it is `of`. `word` stands in each text of it; `values` were
    acknowledged."""

    kind: str
    id: str
    people: tuple[str, ...]
    began: datetime
    word: str = ""
    of: str = ""
    values: list[float] = field(default_factory=list)

    @property
    def teacher(self) -> str:
        return self.people[0]


def people_of(state: Mapping[str, Any]) -> Sequence[str]:
    """About whom what is stored is."""
    for name in ("people", "teachers"):
        if name in state:
            return list(state[name])
    return [state["teacher"]]


class Truth:
    """`things`: all that was acknowledged, by id; `words`: all that was ever sent, by word.
    `carried` is what a restored backup of the orders does not know."""

    def __init__(self, simulation: Erasing) -> None:
        self.simulation = simulation
        self.things: dict[str, Thing] = {}
        self.words: dict[str, str] = {}
        self.carried: dict[str, datetime] = {}
        self.rounds = Rounds()
        self.alone = Alone()
        self.singly: dict[str, Thing] = {}
        self.erased = self.restores = self.retained = self.single = 0
        self._turn = 0

    def turn(self) -> str:
        self._turn += 1
        return str(self._turn)

    def word(self, teacher: str) -> str:
        word = f"word-{teacher}-{self.turn()}-end"
        self.words[word] = teacher
        return word

    def began(
        self, kind: str, made: Any, people: Sequence[str], word: str = "", of: str = ""
    ) -> Thing | None:
        if made is None:
            return None
        thing = Thing(kind, made.id, tuple(people), getattr(made, BEGAN[kind]), word, of)
        return self.things.setdefault(made.id, thing)

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
        before: datetime | None = None
        waits: datetime | None = None
        is_held = False
        for each in found["steps"]:
            step = each["step"]
            is_held = step == "held" or (is_held and step != "released")
            if step in ("ordered", "withdrawn", "held"):
                waits = each["at"] if step == "ordered" else None
            if step == "ordered":
                before = carried
            elif step == "withdrawn":  # of what is held or pending: it was never begun
                carried = before
            if waits is not None and not is_held:
                carried, waits = waits, None
        return carried

    async def _gone_until(self, person: str) -> datetime | None:
        """Also by an order that was carried out, and of which a backup of privacy knows nothing."""
        both = (await self.erased_until(person), self.carried.get(person))
        return max((each for each in both if each is not None), default=None)

    async def check(self) -> None:
        simulation = self.simulation
        assert not simulation.failures, simulation.failures
        simulation.nothing_went_back()
        for service in simulation.duties.SERVICES:
            given_up = await simulation.duties.given_up(service, simulation.disks[service])
            assert not given_up, f"a duty was given up: {given_up}"
        await self._read_orders()
        until = {each: await self._gone_until(each) for each in TEACHERS}
        gone: set[str] = set()
        stay: set[str] = set()
        for kind, service in KINDS.items():
            documents = simulation.disks[service].documents
            page = await documents.find(DISTRICT, kind, {}, "", 1_000)
            for each in page.documents:
                stay.add(each.id)
                began = each.state[BEGAN[kind]]
                late = all(
                    (last := until[person]) is None or began > last
                    for person in people_of(each.state)
                )
                assert late, f"a {kind} of before is still there"
                told = repr(each.state)
                stay |= {word for word in self.words if word in told}
            for id_, stored in documents._stored.items():
                if stored.was == kind:
                    gone.add(id_)
        self.retained = self.single = 0
        for thing in self.things.values():
            ordered = any(
                (last := until[person]) is not None and thing.began <= last
                for person in thing.people
            )
            if thing.of and thing.of in gone:
                assert thing.id in gone, f"a {thing.kind} outlives what it is of"
            elif self._had_its_time(thing):
                assert thing.id in gone
                self.retained += 1
            elif self._went_alone(thing):
                assert thing.id in gone
                self.single += 1
            elif not ordered:
                await self._is_there(thing)
            else:
                assert thing.id in gone, f"a {thing.kind} has no tombstone"
        self.erased = len(gone & self.things.keys())
        assert self.singly.keys() & self.things.keys() <= gone, "what was ordered alone is there"
        assert not await self.waiting(), "an order about a single thing is not done"
        for person in TEACHERS:
            found = await self.order(person)
            if found is not None and not self.restores:
                self.alone.not_under_a_hold(person, found["steps"])
        await self._nowhere(gone)
        lost = {word for word, whose in self.words.items() if until[whose] is not None}
        lost |= {each.word for each in self.things.values() if each.id in gone and each.word}
        kept = {thing.word for thing in self.things.values() if thing.id not in gone}
        self._unsaid(lost - kept - stay)
        await self._views()

    def _had_its_time(self, thing: Thing) -> bool:
        """Whether it was erased by a round, which knew of no hold on whose it is."""
        stored = self.simulation.disks[KINDS[thing.kind]].documents._stored.get(thing.id)
        return stored is not None and self.rounds.took(stored.because, thing.teacher)

    async def _read_orders(self) -> None:
        journal = await self._journal("privacy")
        self.rounds.read(journal)
        self.alone.read(journal)

    async def waiting(self) -> Sequence[Mapping[str, Any]]:
        """Orders about single things that are neither done nor found to be about nothing."""
        documents = self.simulation.disks["privacy"].documents
        page = await documents.find(DISTRICT, "artifact_erasure", {}, "", 1_000)
        states = [each.state for each in page.documents]
        return [each for each in states if each["state"] in ("pending", "under_way")]

    def _went_alone(self, thing: Thing) -> bool:
        """Whether it was erased by an order about it alone."""
        stored = self.simulation.disks[KINDS[thing.kind]].documents._stored.get(thing.id)
        took = self.alone.took
        return stored is not None and took(stored.because, thing.id, thing.teacher)

    async def _is_there(self, thing: Thing) -> None:
        disk = self.simulation.disks[KINDS[thing.kind]]
        found = await disk.documents.get(DISTRICT, thing.kind, thing.id)
        assert found is not None, f"a {thing.kind} of {thing.people} is lost"
        if thing.kind != "goal":
            return
        assert set(thing.values) <= await self._values(thing), "an acknowledged value is lost"

    async def _values(self, thing: Thing) -> set[float]:
        disk = self.simulation.disks[KINDS[thing.kind]]
        found = await disk.documents.get(DISTRICT, thing.kind, thing.id)
        assert found is not None
        left = await disk.journal.left(DISTRICT, thing.id, PROGRESS.kind, 99, 99)
        return {each["value"] for each in found.state["progress"]} | {
            each.state["value"] for each in left
        }

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
            records = all_records(self.simulation.log, projection)
            log, state = replay_log(projection, records), fold_state(projection, journal)
            whole = not self.restores  # else the log begins with the restore
            assert log == state or not whole, f"{projection.group}: the log says other things"
            generation = await views.generation(projection.group)
            for collection, rows in state.items():
                live = await live_rows(views.scan(generation, collection))
                assert live == rows, f"{projection.group}: {collection} differs from a fold"

    async def _journal(self, service: str) -> Sequence[JournalEntry]:
        return await self.simulation.disks[service].journal.read("", None, "", 100_000)
