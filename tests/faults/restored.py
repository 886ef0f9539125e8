"""All databases and topics are lost, and restored from backups that were made at different
moments: every view is true again, nothing is done twice, nothing is forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.mongo import Database
from services.ctl.demo.district import class_ids, coach_id, teacher_id
from services.observations.observation.duties import PAUSE
from services.surveys.administration.mongo_seats import COLLECTION as SEATS
from tests.faults.erased import Leaver
from tests.faults.wiped import all_true
from tests.support.faults import Faulty
from tests.support.kafka import delete_topics
from tests.support.waiting import eventually

COACH, ADMIN = coach_id(3), "admin-01"
EIGHTH, NINTH, TENTH, ELEVENTH, TWELFTH = map(teacher_id, range(8, 13))
SEATS_OPEN = 10
GOALS, OBSERVATIONS = "/goals/v1/goals", "/observations/v1/observations"
SURVEYS, RELATIONSHIPS = "/surveys/v1/administrations", "/programs/v1/relationships"

Backup = Mapping[str, Sequence[dict[str, Any]]]  # collection -> documents


async def restored(f: Faulty, times: int) -> str:
    """The topics are made again: afterwards the log no longer tells the whole story."""
    for _ in range(times):
        story = Story(f)
        await story.begin()
        backups = await story.backed_up()
        await story.what_is_lost()
        await asyncio.gather(*(f.stack.end(service) for service in SERVICES))
        f.log_is_whole = False
        await _all_lost(f)
        await _restored(f, backups)
        await story.is_as_backed_up()
        await story.erased_again()
        await eventually(lambda: all_true(f), timeout=60)
        await f.tandem("views", "check", *_reach(f))
        await f.check_journals()
        await story.goes_on()
        async with f.load() as load:
            await f.progress(load, 20)
        await eventually(lambda: all_true(f), timeout=60)
        await f.check_journals()
    return f"{times} times {len(backups)} databases, {load.acknowledged} writes afterwards"


async def _all_lost(f: Faulty) -> None:
    for service in SERVICES:
        own = _database(f, service)
        await own.client.drop_database(own.name)
    await delete_topics(f.stack.stack.kafka)


async def _restored(f: Faulty, backups: Mapping[str, Backup]) -> None:
    """As docs/operating.md says."""
    for service, backup in backups.items():
        for name, documents in backup.items():
            await _database(f, service)[name].insert_many(documents)
    await f.tandem("topics", "ensure")
    await f.tandem("indexes", "ensure")
    for service in WRITE_SERVICES:
        f.stack.start(service, ROLES="api,relay")
    for service in WRITE_SERVICES:
        await f.stack.ready(service)
    await f.tandem("views", "rebuild", "--after-restore", *_reach(f))
    await asyncio.gather(*(f.stack.end(service) for service in WRITE_SERVICES))
    for service in SERVICES:
        f.stack.start(service)
    for service in SERVICES:
        await f.stack.ready(service)


def _reach(f: Faulty) -> list[str]:
    """Where journals are, and a token for each district."""
    words = []
    for service in WRITE_SERVICES:
        words += ["--journal", f"{service}={f.stack.stack.grpc(service)}"]
    for district in f.stack.all_districts:
        words += ["--token", f.stack.token(f"{district}/ops?journal.read")]
    return words


def _database(f: Faulty, service: str) -> Database:
    own = f.stack._backing(service).database
    assert own is not None
    return own


async def _backup(f: Faulty, service: str) -> Backup:
    """All documents of a service's database at one moment, without its indexes."""
    own = _database(f, service)
    names = await own.list_collection_names()
    async with await own.client.start_session(snapshot=True) as moment:
        found = {name: await own[name].find({}, session=moment).to_list(None) for name in names}
    return {name: documents for name, documents in found.items() if documents}


@dataclass
class Story:
    """What a coach and her four teachers do before the backups, between them and after them."""

    f: Faulty
    ids: dict[str, str] = field(default_factory=dict)
    page: str = ""  # of a partner who reads the journal of the goals
    read: str = ""  # the last event before it
    first: Any = None  # the answer to what was acknowledged before its backup
    results: Any = None  # of a survey whose end is lost
    leaver: Leaver = field(init=False)
    forgotten: Leaver = field(init=False)  # no backup knows that she is to be erased
    ordered: Any = None  # the list of those who are, written down before all was lost

    async def ask(self, who: str, path: str, key: str, body: Any = None, **headers: str) -> Any:
        told = {"Idempotency-Key": f"restored-{key}", **headers}
        asked = self.f.stack.ask(self.f.north.who(who), "POST", path, body, headers=told)
        return (await asked).json()

    async def get(self, who: str, path: str, status: int = 200) -> Any:
        asked = self.f.stack.ask(self.f.north.who(who), "GET", path, status=status)
        return (await asked).json()

    async def begin(self) -> None:
        f, ids = self.f, self.ids
        await f.north.known(TWELFTH)
        await f.north.relate(3)
        for path in (GOALS, OBSERVATIONS):
            await f.north.may(COACH, f"{path}?teacher_id={TWELFTH}")
        ids["goal"] = await f.north.active_goal(COACH, NINTH)
        self.first = await self.progress(1)
        ids["measure"] = await f.north.published_measure(COACH)
        ids["cancelled"], codes = await self.survey(TENTH, 10)
        await f.north.answer(ids["cancelled"], codes[0], 4)
        await self.ask(TENTH, f"{SURVEYS}/{ids['cancelled']}/cancel", "cancel")
        await self.part(TENTH, "withdrawn")
        await f.north.may(COACH, f"{GOALS}?teacher_id={TENTH}", yes=False)
        statement = {"title": "How coaching data is used", "text": "To coach."}
        made = await self.ask(ADMIN, "/privacy/v1/statements", "statement", statement)
        ids["statement"] = made["statement_id"]
        place = f"/privacy/v1/statements/{ids['statement']}"
        await self.ask(ADMIN, f"{place}/publish", "publish")
        said = {"statement_id": ids["statement"]}
        await self.ask(NINTH, "/privacy/v1/acknowledgments", "read", said)
        ids["left"] = await self.observed(ELEVENTH, "left")
        self.leaver = await Leaver.began(f, "x")
        self.forgotten = await Leaver.began(f, "y", EIGHTH)

    async def backed_up(self) -> Mapping[str, Backup]:
        """Goals first, before all of somebody is erased, then surveys with events that are not
        published and a survey that is open, programs and others later, observations last: these
        know of an end that programs' backup does not."""
        f, backups = self.f, {}
        self.page, first = await self.journal(pages=1)
        self.read = first[-1]
        backups["goals"] = await _backup(f, "goals")
        await self.progress(2)
        await self.leaver.is_to_be_erased()
        await eventually(self.leaver.is_erased, timeout=30)
        f.engines.kafka_proxy.down()
        self.ids["open"], codes = await self.survey(NINTH, 9)
        for number, code in enumerate(codes):
            await f.north.answer(self.ids["open"], code, 1 + number % 4)
        assert await f.stack._backing("surveys").store.pending(1)
        backups["surveys"] = await _backup(f, "surveys")
        f.engines.kafka_proxy.calm()
        for service in ("roster", "privacy", "programs"):
            backups[service] = await _backup(f, service)
        await self.part(ELEVENTH, "lost")
        await self.is_left_behind(self.ids["left"], version=3)
        backups["observations"] = await _backup(f, "observations")
        assert backups.keys() == set(WRITE_SERVICES)
        return backups

    async def what_is_lost(self) -> None:
        self.ids["lost"] = await self.f.north.active_goal(COACH, NINTH)
        self.results = await self.closed()
        await self.forgotten.is_to_be_erased()
        await eventually(self.forgotten.is_erased, timeout=30)
        self.ordered = await self.erasures()

    async def erased_again(self) -> None:
        """As docs/operating.md says it."""
        assert not await self.forgotten.is_erased()
        known = await self.erasures()
        assert self.ordered - known == {EIGHTH}
        for person in self.ordered - known:
            await self.privacy("erase", person, "--reason", "Restored")
        await eventually(self.forgotten.is_erased, timeout=60)

    async def erasures(self) -> set[str]:
        """Who is to be erased, or was."""
        told = json.loads(await self.privacy("erasures", "--json"))
        return {each["person_id"] for each in told["erasures"] if each["ordered_at"]}

    async def privacy(self, *words: str) -> str:
        at, token = self.f.stack.stack.rest("privacy"), self.f.stack.token(f"north/{ADMIN}")
        given = ["--district", "north", "--url", at, "--token", token]
        return await self.f.tandem("privacy", *words, *given)

    async def is_as_backed_up(self) -> None:
        """What was withdrawn before does not come back; what came later is not there."""
        f, ids = self.f, self.ids
        assert await self.sheets("cancelled") == 0
        assert await self.sheets("open") == SEATS_OPEN
        await self.get(COACH, f"{GOALS}?teacher_id={TENTH}", status=404)
        assert await f.north.entry(COACH, TENTH) is None
        assert (await self.get(NINTH, f"{SURVEYS}/{ids['open']}"))["state"] == "open"
        await self.get(NINTH, f"{GOALS}/{ids['lost']}", status=404)
        assert (await self.get(NINTH, f"{GOALS}/{ids['goal']}"))["version"] == 3
        read = f"/privacy/v1/acknowledgments?statement_id={ids['statement']}"
        assert len((await self.get(ADMIN, read))["acknowledgments"]) == 1

    async def goes_on(self) -> None:
        ids = self.ids
        await eventually(self.leaver.is_erased, timeout=60)  # the backup of goals has it all
        assert await self.progress(1) == self.first, "another answer to the same key"
        assert (await self.progress(2))["version"] == 4, "lost, so that it is done anew"
        assert (await self.progress(3))["version"] == 5
        done = {f"{ids['goal']}:{version}" for version in (4, 5)}

        async def read_on() -> bool:
            """A page from before the backups goes on behind the event that it ended with."""
            all_ = (await self.journal())[1]
            later = [each for each in all_ if _place(each) > _place(self.read)]
            return done <= set(all_) and (await self.journal(self.page))[1] == later

        await eventually(read_on)  # events are in the journal soon after they are acknowledged
        assert await self.closed() == self.results, "two figures of the same sheets"
        assert await self.sheets("open") == 0
        again = await self.observed(ELEVENTH, "again")
        await self.part(ELEVENTH, "anew")  # by an event of the id that the lost one had
        await self.is_left_behind(again, version=3)
        await self.is_left_behind(ids["left"], version=3)

    async def closed(self) -> Any:
        """The figures of the survey, whose end this is."""
        path = f"{SURVEYS}/{self.ids['open']}"
        await self.ask(NINTH, f"{path}/close", "close")
        found = await self.get(NINTH, path)
        assert found["results"]["favorable_share"] is not None, found
        return found["results"]

    async def sheets(self, survey: str) -> int:
        where = {"administration": self.ids[survey], "answers": {"$ne": None}}
        return await _database(self.f, "surveys")[SEATS].count_documents(where)

    async def progress(self, value: int) -> Any:
        path = f"{GOALS}/{self.ids['goal']}/progress"
        return await self.ask(COACH, path, f"progress-{value}", {"value": value})

    async def survey(self, teacher: str, number: int) -> tuple[str, list[str]]:
        class_, _ = class_ids(number)
        measure = self.ids["measure"]
        return await self.f.north.open_survey(teacher, measure, class_, seats=SEATS_OPEN)

    async def observed(self, teacher: str, key: str) -> str:
        """One that the coach has begun."""
        await self.f.north.may(COACH, f"{OBSERVATIONS}?teacher_id={teacher}")
        plan = {
            "teacher_id": teacher,
            "tool_id": self.f._tool,
            "scheduled_for": datetime.now(UTC).isoformat(),
        }
        made = await self.ask(COACH, OBSERVATIONS, f"plan-{key}", plan)
        scores = {"scores": [{"criterion_id": "talk", "score": 2}]}
        path = f"{OBSERVATIONS}/{made['observation_id']}/scores"
        return str((await self.ask(COACH, path, f"score-{key}", scores))["observation_id"])

    async def part(self, teacher: str, key: str) -> None:
        """As if it had been so long ago that something is due."""
        found = await self.get(COACH, f"{RELATIONSHIPS}?coach_id={COACH}&teacher_id={teacher}")
        (one,) = found["relationships"]
        assert (one["state"], one["version"]) == ("active", 2), one
        past = {"Tandem-Now": (datetime.now(UTC) - PAUSE - timedelta(days=1)).isoformat()}
        path = f"{RELATIONSHIPS}/{one['relationship_id']}/end"
        await self.ask(COACH, path, f"part-{key}", **past)

    async def is_left_behind(self, observation: str, version: int) -> None:
        """Once."""

        async def is_() -> bool:
            found = await self.get(ELEVENTH, f"{OBSERVATIONS}/{observation}")
            return bool(found["left_behind_at"]) and found["version"] == version

        await eventually(is_, timeout=30)

    async def journal(self, page: str = "", pages: int = 0) -> tuple[str, list[str]]:
        """What a partner reads: the token behind the last page, and all ids; 0: to the end."""
        token = self.f.stack.token("north/partner?journal.read")
        size = 2 if pages else 100  # also of a stack that has hardly done anything there is more
        asked = journal_pb2.ReadJournalRequest(batch_size=size, page_token=page)
        ids: list[str] = []
        async with grpc.aio.insecure_channel(self.f.stack.stack.grpc("goals")) as channel:
            stub: Any = journal_pb2_grpc.JournalServiceStub(channel)
            headers = (("authorization", f"Bearer {token}"),)
            async for batch in stub.ReadJournal(asked, metadata=headers):
                page, pages = batch.next_page_token, pages - 1
                ids += [each.event_id for each in batch.records]
                if not pages:
                    break
        return page, ids


def _place(event_id: str) -> tuple[str, int]:
    """As the journal is ordered."""
    aggregate, _, version = event_id.rpartition(":")
    return aggregate, int(version)
