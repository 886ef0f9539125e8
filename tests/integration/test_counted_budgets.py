"""How many commands the write side costs: exact, so that no noise hides one more."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.chassis.log.envelope import Headers
from services.chassis.mongo import connect, database
from services.chassis.write.bell import LocalBell
from services.chassis.write.entries import Entries, Numbered
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_journal import MongoJournal
from services.chassis.write.quota import Bound
from services.chassis.write.relay import Relay
from services.ctl.engines import Engines
from tests.support.commands import Commands
from tests.support.documents_suite import document
from tests.support.entries_suite import NOTES, Note, leaving
from tests.support.things import Things


class CountingProducer:
    def __init__(self) -> None:
        self.sends = 0
        self.together = 0
        self._flying = 0

    async def start(self) -> None:
        pass

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        self.sends += 1
        self._flying += 1
        self.together = max(self.together, self._flying)
        await asyncio.sleep(0)
        self._flying -= 1

    async def abandon(self) -> None:
        pass


class Bench:
    def __init__(
        self, commands: Commands, documents: MongoDocuments, journal: MongoJournal, relay: Relay
    ) -> None:
        self.commands = commands
        self.documents, self.journal = documents, journal
        self.things = Things(documents, LocalBell())
        self.relay = relay
        self.producer = CountingProducer()


@pytest.fixture
async def bench(engines: Engines) -> AsyncIterator[Bench]:
    commands = Commands()
    client = connect(engines.mongodb_uri, "test", (commands,))
    name = f"test_{uuid4().hex[:12]}"
    db = database(client, name)
    documents, journal = MongoDocuments(db), MongoJournal(db)
    await documents.ensure_indexes()
    await journal.ensure_indexes()
    producer = CountingProducer()
    relay = Relay(
        documents, journal, lambda: producer, topic="t", source="/t", bell=LocalBell()
    )  # fmt: skip
    bench = Bench(commands, documents, journal, relay)
    bench.producer = producer
    commands.clear()
    try:
        yield bench
    finally:
        await client.drop_database(name)
        client.close()


async def test_a_create_is_one_command(bench: Bench) -> None:
    await bench.things.create(key="k")
    assert bench.commands.counts() == {"insert": 1}


async def test_a_bounded_create_counts_once_and_then_is_one_command(bench: Bench) -> None:
    bounds = [
        Bound({"n": 1}, 100, "too_many_things", "There are at most 100.", {"n": 2}),
        Bound({}, 200, "too_many_things", "There are at most 200."),
        Bound({"n": 1}, 300, "too_many_things", "There are at most 300."),
    ]
    await bench.things.create(within=bounds)
    assert bench.commands.names == ["aggregate", "insert"]
    bench.commands.clear()
    await bench.things.create(within=bounds)
    assert bench.commands.names == ["insert"]


async def test_a_change_is_a_read_and_a_conditional_write(bench: Bench) -> None:
    made = await bench.things.create()
    bench.commands.clear()
    await bench.things.change(made.id, key="k")
    assert bench.commands.names == ["find", "update"]


async def test_what_changes_nothing_is_a_read_and_writes_its_key(bench: Bench) -> None:
    made = await bench.things.create()
    for key, asked in (("", ["find"]), ("k", ["find", "update"]), ("k", ["find"])):
        bench.commands.clear()
        await bench.things.change(made.id, key=key, by=0)
        assert bench.commands.names == asked


async def test_a_replay_writes_nothing(bench: Bench) -> None:
    made = await bench.things.create(key="k")
    await bench.things.change(made.id, key="c")
    bench.commands.clear()
    await bench.things.change(made.id, key="c")
    assert bench.commands.names == ["find"]
    bench.commands.clear()
    await bench.things.create(key="k")
    assert bench.commands.names == ["insert", "find"]


@pytest.mark.parametrize("count", [1, 40, 500])
async def test_a_round_is_one_read_all_sends_together_and_two_writes(
    bench: Bench, count: int
) -> None:
    await asyncio.gather(*(bench.things.create() for _ in range(count)))
    bench.commands.clear()
    assert await bench.relay.round() == count
    assert bench.commands.names == ["find", "insert", "update"]
    assert (bench.producer.sends, bench.producer.together) == (count, count)


async def test_what_leaves_is_kept_with_one_write_more_and_listed_with_two_reads(
    bench: Bench,
) -> None:
    for name in ("a", "b"):
        await bench.documents.insert(document(name), leaving(1, (1, "one"), (2, "two"), id=name))
    bench.commands.clear()
    assert await bench.relay.round() == 2
    assert bench.commands.names == ["find", "update", "insert", "update"]
    bench.commands.clear()
    entries = Entries(bench.documents, bench.journal, NOTES)
    assert len((await entries.find("d1", "a", 9, 9)).items) == 2
    assert bench.commands.names == ["find", "find"]
    bench.commands.clear()
    held = [Numbered(number, Note("held")) for number in (3, 4)]
    assert len((await entries.page("d1", "a", held, "", 2)).items) == 2
    assert bench.commands.names == []


async def test_an_idle_round_is_one_read(bench: Bench) -> None:
    assert await bench.relay.round() == 0
    assert bench.commands.names == ["find"]
