"""Importing a roster over the write path on memory adapters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.access.districts import OwnRoles
from services.chassis.kernel import Fault
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document
from services.chassis.write.memory_documents import MemoryDocuments
from services.roster.imports.cases import Report, import_roster
from services.roster.imports.plan import NounCounts
from services.roster.imports.roster_file import KnownRecords, ParsedRoster
from services.roster.person.cases import get_person
from tests.support.roster_files import (
    Files,
    Parsed,
    Service,
    call_for,
    edited,
    good_files,
)

ALL_NEW = {"orgs": 3, "academic_sessions": 3, "people": 4, "classes": 2}


def created(report: Report) -> dict[str, int]:
    return {noun: each.created for noun, each in report.counts.items()}


def codes(report: Report) -> list[tuple[str, str]]:
    return [(each.file, each.code.value) for each in report.problems.listed]


async def test_the_first_import_creates_everything_with_one_event_each() -> None:
    service = Service()
    report = await service.load(good_files())
    assert created(report) == ALL_NEW
    assert codes(report) == []
    published = await service.published()
    assert len(published) == 12
    assert ("ClassUpserted", ("north:teacher-1", "north:teacher-2")) in published
    assert ("PersonUpserted", ("north:coach-1",)) in published
    assert ("OrgUpserted", ("north:school-1",)) in published


async def test_the_same_file_again_changes_and_publishes_nothing() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    report = await service.load(good_files())
    assert report.counts == {noun: NounCounts(unchanged=count) for noun, count in ALL_NEW.items()}
    assert await service.published() == []


async def test_only_what_differs_is_written() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    report = await service.load(edited("users.csv", "Ann,Able,Annie", "Ann,Able,Anna"))
    assert report.counts["people"] == NounCounts(changed=1, unchanged=3)
    assert await service.published() == [("PersonUpserted", ("north:teacher-1",))]


async def test_a_class_is_published_to_the_teacher_who_left() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    row = "e1,class-1,school-1,teacher-1,teacher,true,,\n"
    await service.load(edited("enrollments.csv", row, ""))
    assert await service.published() == [("ClassUpserted", ("north:teacher-2", "north:teacher-1"))]


def without_admin() -> Files:
    files = good_files()
    files["users.csv"] = files["users.csv"].replace("admin-1,true,a1,Di,Dean,\n", "")
    files["roles.csv"] = "".join(
        line for line in files["roles.csv"].splitlines(True) if "admin-1" not in line
    )
    return files


async def test_too_large_a_share_of_removals_is_refused_unless_forced() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    refused = await service.load(without_admin())
    assert codes(refused) == [("users.csv", "too_many_removals")]
    assert refused.stopped
    assert refused.counts["people"] == NounCounts(unchanged=3, removed=1)
    assert await service.published() == []
    forced = await service.load(without_admin(), allow_removals=True)
    assert forced.counts["people"] == NounCounts(unchanged=3, removed=1)
    assert await service.published() == [("PersonRemoved", ("north:admin-1",))]
    again = await service.load(without_admin(), allow_removals=True)
    assert again.counts["people"] == NounCounts(unchanged=3)
    assert await service.published() == []


async def test_a_kind_that_would_lose_too_much_stops_all_that_the_file_says() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    files = without_admin()
    files["orgs.csv"] = files["orgs.csv"].replace("Second", "2nd")
    report = await service.load(files)
    assert report.stopped
    assert report.counts["orgs"] == NounCounts(changed=1, unchanged=2)
    assert await service.published() == []
    report = await service.load(files, allow_removals=True)
    assert not report.stopped
    assert [name for name, _ in await service.published()] == ["OrgUpserted", "PersonRemoved"]


async def test_who_was_removed_may_come_back() -> None:
    service = Service()
    await service.load(good_files())
    await service.load(without_admin(), allow_removals=True)
    await service.published()
    report = await service.load(good_files())
    assert report.counts["people"] == NounCounts(changed=1, unchanged=3)
    assert await service.published() == [("PersonUpserted", ("north:admin-1",))]


async def test_a_wrong_row_leaves_what_is_stored() -> None:
    service = Service()
    await service.load(good_files())
    report = await service.load(
        edited("users.csv", "admin-1,true", "admin-1,perhaps"), allow_removals=True
    )
    assert codes(report) == [("users.csv", "bad_value")]
    assert report.counts["people"] == NounCounts(unchanged=3, rejected=1)


async def test_a_parent_that_the_file_does_not_have_stays_as_stored() -> None:
    service = Service()
    await service.load(good_files())
    report = await service.load(edited("orgs.csv", "Second,school,,district", "2nd,school,,x"))
    assert codes(report) == [("orgs.csv", "unknown_org")]
    second = await service.ports.imports.orgs.get("north", "north/org/school-2")
    assert (second.name, second.parent) == ("2nd", "district")


async def test_validation_writes_nothing_and_says_what_would_be() -> None:
    service = Service()
    report = await service.load(good_files(), validate_only=True)
    assert created(report) == ALL_NEW
    assert await service.published() == []


async def test_a_fault_of_the_file_imports_nothing() -> None:
    service = Service()
    with pytest.raises(Fault, match="mixed_modes"):
        await service.load(edited("manifest.csv", "file.roles,bulk", "file.roles,delta"))
    assert await service.published() == []


def a_year_later(text: str) -> str:
    return text.replace("2027", "2028").replace("2026", "2027")


async def test_people_carry_past_school_years_too() -> None:
    service = Service()
    await service.load(good_files())
    files = {
        name: text.replace("term-", "next-").replace("year", "next-0")
        for name, text in good_files().items()
    }
    files["academicSessions.csv"] = a_year_later(files["academicSessions.csv"])
    await service.load(files, allow_removals=True)
    person = await get_person(
        service.ports.person, call_for("get_person", "teacher-1"), "teacher-1"
    )
    assert person.school_years == (2027, 2028)
    await service.published()
    await service.load(files)
    assert await service.published() == []


async def test_a_corrected_school_year_is_settled_by_one_import() -> None:
    service = Service()
    await service.load(good_files())
    files = good_files()
    files["academicSessions.csv"] = a_year_later(files["academicSessions.csv"])
    await service.load(files)
    person = await get_person(
        service.ports.person, call_for("get_person", "teacher-1"), "teacher-1"
    )
    assert person.school_years == (2028,)
    await service.published()
    await service.load(files)
    assert await service.published() == []


async def test_districts_that_share_ids_share_nothing_else() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    report = await service.load(
        edited("users.csv", "t2,Ben,Baker", "t2,Bea,Baker"), district="south"
    )
    assert created(report) == ALL_NEW
    keys = {key for _, keys in await service.published() for key in keys}
    assert {key.partition(":")[0] for key in keys} == {"south"}
    north = await get_person(service.ports.person, call_for("get_person", "admin-1"), "teacher-2")
    assert north.given_name == "Ben"


async def test_an_import_that_broke_off_is_finished_by_the_same_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service()
    insert = service.documents.insert
    left = 5

    async def failing(document: Document, event: PendingEvent) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise ConnectionError
        await insert(document, event)

    with monkeypatch.context() as broken:
        broken.setattr(service.documents, "insert", failing)
        with pytest.raises(ConnectionError):
            await service.load(good_files())
    report = await service.load(good_files())
    assert sum(created(report).values()) == 7
    assert len(await service.published()) == 12


SECOND = "school-2,,Second,school,,district\n"


@pytest.mark.parametrize("before", [good_files(), None])
@pytest.mark.parametrize("older", ["", SECOND.replace("Second", "Another")])
async def test_two_processes_do_not_make_one_roster_of_two_files(
    before: Files | None, older: str
) -> None:
    service = Service()
    other = Service(documents=service.documents)
    if before is not None:
        await service.load(before)

    class Slow(Parsed):
        """The other process imports a file once this one has read what is stored."""

        async def read(
            self, district: str, today: str, own: OwnRoles, known: KnownRecords
        ) -> ParsedRoster:
            parsed = await super().read(district, today, own, known)
            find = service.ports.imports.classes.find

            async def found(*args: Any) -> Any:
                page = await find(*args)
                await other.load(edited("orgs.csv", "Second", "The second"))
                return page

            monkeypatch.setattr(service.ports.imports.classes, "find", found)
            return parsed

    file = Slow(edited("orgs.csv", SECOND, older))
    call = call_for("import_roster", "admin-1")
    with pytest.MonkeyPatch.context() as monkeypatch, pytest.raises(Fault, match="import_running"):
        await import_roster(service.ports.imports, call, file, allow_removals=True)
    stored = await other.ports.imports.orgs.find("north", {"status": "active"}, "", 9)
    assert sorted(each.name for each in stored.items) == ["First, of all", "North", "The second"]


async def test_an_import_that_cannot_read_all_that_is_stored_changes_nothing() -> None:
    service = Service()
    await service.load(good_files())
    await service.published()
    assert isinstance(service.documents, MemoryDocuments)
    stored = service.documents._stored["north/person/teacher-2"]
    stored.document = replace(stored.document, schema=99)
    with pytest.raises(Fault, match="needs_upgrade"):
        await service.load(edited("orgs.csv", "Second", "Other"))
    assert await service.published() == []
