"""To-dos are built anew after something was erased, of which the build in use has some still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.call import Call, Principal
from services.chassis.kernel import Aggregate
from services.chassis.log.connections import Proof
from services.chassis.mongo import Database
from services.chassis.write.documents import JournalEntry
from services.chassis.write.pending import erasing, pending_event
from services.ctl.engines import Engines
from services.ctl.exits import Stop
from services.ctl.rebuilding import View, rebuild, view_of
from services.programs.relationship.codec import encode_relationship
from services.programs.relationship.domain import Relationship
from tests.support.journals import journals_of
from tests.support.kafka import new_topics

AT = datetime(2026, 10, 5, 12, tzinfo=UTC)
HERS = [f"hers-{number}" for number in range(3)]
OTHERS = [f"others-{number}" for number in range(2)]


def proposed(id: str) -> Relationship:
    return Relationship.propose(
        id=id, district="north", coach="coach", teacher=id, year=2027, by="coach", at=AT
    )


def entry(of: Aggregate, version: int) -> JournalEntry:
    call = Call("propose_relationship", Principal("north", person="coach"))
    assert isinstance(of, Relationship)
    event = pending_event(call, of, version, encode_relationship(of, of.take_event()), AT)
    return JournalEntry(of.id, "north", event)


def made(ids: Iterable[str]) -> list[JournalEntry]:
    return [entry(proposed(each), 1) for each in ids]


def erased(id: str) -> JournalEntry:
    relationship = proposed(id)
    relationship.take_event()
    relationship.erase()
    last = entry(relationship, 2)
    return replace(last, event=erasing(last.event, ()))


class Site:
    """The to-dos of the programs service; what is published comes out of its journal alone."""

    def __init__(self, engines: Engines, db: Database, topics: Sequence[str]) -> None:
        self.kafka, self.db = engines.kafka_bootstrap_servers, db
        view = view_of("programs-duties", "programs")
        self.view = View("programs", replace(view.projection, topics=tuple(topics)))

    async def build(self, entries: list[JournalEntry]) -> Any:
        journals = await journals_of(entries)
        return await rebuild(self.view, self.db, self.kafka, journals, proof=Proof(), dry_run=False)

    async def named(self, build: int) -> set[str]:
        rows = await self.db[f"duties_{build}"].find({}).to_list(None)
        return {each["_id"].split(":")[1] for each in rows if each["_id"].startswith("end_")}


@pytest.fixture
async def site(engines: Engines, db: Database) -> Site:
    topics = await new_topics(engines.kafka_bootstrap_servers, [2, 2, 2])
    return Site(engines, db, topics)


async def test_what_was_erased_is_not_missed_in_the_to_dos(site: Site) -> None:
    all_ = made([*HERS, *OTHERS])
    first = await site.build(all_)
    assert await site.named(first["build"]) == {*HERS, *OTHERS}
    report = await site.build([*all_, *map(erased, HERS)])
    assert report["in_use"] is True
    assert await site.named(report["build"]) == {*OTHERS}


async def test_what_a_journal_lacks_is_missed_though_something_was_erased(site: Site) -> None:
    first = await site.build(made([*HERS, *OTHERS]))
    with pytest.raises(Stop, match=r"fewer rows than the one in use \(duties\)"):
        await site.build([*made([*HERS, OTHERS[0]]), *map(erased, HERS)])
    assert await site.named(first["build"]) == {*HERS, *OTHERS}
