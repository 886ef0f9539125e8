"""What it costs goals to ask its own store who coaches whom: one command, by its index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from services.access.access import Access
from services.access.policy import Policy
from services.access.profile import Profile, Role
from services.chassis.call import Call, Principal
from services.chassis.mongo import Database, connect, database
from services.chassis.write.bell import LocalBell
from services.chassis.write.mongo_documents import COLLECTION, MongoDocuments
from services.chassis.write.write_path import WritePath
from services.ctl.engines import Engines
from services.goals.bootstrap import INDEXES
from services.programs.relationship.codec import RELATIONSHIPS
from services.programs.relationship.domain import Relationship
from services.programs.relationship.own_ties import OwnTies
from tests.support.clocks import START, FakeClock
from tests.support.commands import Commands
from tests.support.days import DAYS


class Warm:
    async def profile(self, district: str, person: str) -> Profile | None:
        kind = "ext:coach" if person.startswith("coach") else "teacher"
        return Profile(person, True, (Role(kind, "school-1"),))


@dataclass
class Store:
    own: Database
    commands: Commands
    path: WritePath[Relationship]

    async def ask(self, person: str, teacher: str) -> None:
        access = Access(
            {"list_goals": Policy(teacher=True, coach=True)},
            Warm(),
            FakeClock(),
            DAYS,
            OwnTies(self.path),
        )
        self.commands.clear()
        await access.allow(Call("list_goals", Principal("north", person=person)), teacher=teacher)


@pytest.fixture
async def store(engines: Engines) -> AsyncIterator[Store]:
    commands = Commands()
    client = connect(engines.mongodb_uri, "test", (commands,))
    own = database(client, f"test_{uuid4().hex[:12]}")
    documents = MongoDocuments(own, INDEXES)
    await documents.ensure_indexes()
    path = WritePath(documents, RELATIONSHIPS, FakeClock(), LocalBell())
    call = Call("propose_relationship", Principal("north", person="admin"))
    for coach in range(10):
        for teacher in range(10):
            for year in (2026, 2027):
                each = Relationship.propose(
                    id=uuid4().hex, district="north", coach=f"coach-{coach}",
                    teacher=f"teacher-{teacher}", year=year, by="admin", at=START,
                )  # fmt: skip
                each.take_event()
                each.accept(each.teacher, START)
                await path.create(call, each)
    try:
        yield Store(own, commands, path)
    finally:
        await client.drop_database(own.name)
        client.close()


async def test_a_coach_costs_one_command_and_a_teacher_none(store: Store) -> None:
    await store.ask("coach-3", "teacher-4")
    assert store.commands.counts() == {"find": 1}
    await store.ask("teacher-4", "teacher-4")
    assert store.commands.counts() == {}


async def test_what_two_people_have_is_found_by_its_index(store: Store) -> None:
    found = await OwnTies(store.path).between("north", "coach-3", "teacher-4")
    assert sorted((each.school_year, each.active) for each in found) == [(2026, True), (2027, True)]
    where = {
        "district": "north",
        "kind": "relationship",
        "state.coach": "coach-3",
        "state.teacher": "teacher-4",
        "_id": {"$gt": ""},
    }
    find = {"find": COLLECTION, "filter": where, "sort": {"_id": 1}}
    plan: dict[str, Any] = await store.own.command({"explain": find, "verbosity": "executionStats"})
    stats = plan["executionStats"]
    assert (stats["totalDocsExamined"], stats["totalKeysExamined"]) == (2, 2)
