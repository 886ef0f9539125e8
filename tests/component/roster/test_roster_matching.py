"""Records that a file gives the same identifier are proposed as one person, once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from services.access.days import Days
from services.access.districts import District, Districts, PersonIdentifier, SamePerson
from services.chassis.call import Call, Principal
from services.roster.imports import matching
from services.roster.imports.cases import Report
from services.roster.imports.report_csv import report_csv
from services.roster.imports.resources import import_report
from services.roster.match import cases, deciding
from services.roster.match.domain import MatchReason
from services.roster.person.provisional import AddProvisionalPerson, add_provisional_person
from tests.support.roster_changes import changes
from tests.support.roster_files import Files, Service, call_for, good_files

HEADER = "sourcedId,enabledUser,username,givenName,familyName,preferredGivenName"
# By id: master identifier, staff number, e-mail.
Told = dict[str, tuple[str, str, str]]
ANN: Told = {"teacher-1": ("m-1001", "s-2001", "ann@example.org")}
EVERY = tuple(PersonIdentifier)


def night(told: Told, renamed: Sequence[tuple[str, str]] = (), more: Sequence[str] = ()) -> Files:
    """The good files with identifiers, under other ids, with `more` teachers."""
    files = good_files()
    for name in more:
        files["users.csv"] += f"{name},true,{name},New,Comer,\n"
        files["roles.csv"] += f"r-{name},{name},primary,teacher,school-1,,\n"
    for old, new in renamed:
        for name in ("users.csv", "roles.csv", "enrollments.csv"):
            files[name] = files[name].replace(f"{old},", f"{new},")
    lines = files["users.csv"].splitlines()
    lines[0] += ",userMasterIdentifier,identifier,email"
    for at, line in enumerate(lines[1:], 1):
        lines[at] = ",".join((line, *told.get(line.partition(",")[0], ("", "", ""))))
    files["users.csv"] = "\n".join(lines) + "\n"
    return files


def service_of(**rules: Sequence[PersonIdentifier]) -> Service:
    same = SamePerson(**{name: tuple(each) for name, each in rules.items()})
    return Service(days=Days(Districts({"north": District(same_person=same)})))


async def proposed(service: Service) -> list[tuple[str, str, MatchReason]]:
    call = call_for("list_matches", "admin-1")
    found = await cases.list_matches(service.ports.match, call, after="", limit=100)
    assert all(each.proposed_by == "" for each in found.items)
    return sorted((each.source, each.target, each.reason) for each in found.items)


def notes_of(report: Report) -> list[tuple[str, str, int]]:
    codes = ("shared_identifier", "matches_wait")
    return [(x.column, x.code.value, x.rows) for x in report.problems.notes if x.code in codes]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(0, "master_identifier"), (1, "staff_number"), (2, "email")],
)
async def test_an_id_that_changes_is_proposed_by_each_identifier(kind: int, reason: str) -> None:
    service = service_of(propose_by=EVERY)
    master, staff, email = (each if n == kind else "" for n, each in enumerate(ANN["teacher-1"]))
    told = (master, staff, email)
    await service.load(night({"teacher-1": told}))
    await service.published()
    again = night({"new-1": told}, [("teacher-1", "new-1")])
    report = await service.load(again, allow_removals=True)
    assert (report.matches_proposed, report.merged_by_setting) == (1, 0)
    assert await proposed(service) == [("teacher-1", "new-1", MatchReason(reason))]
    assert ("PersonMatchProposed", ("north:teacher-1", "north:new-1")) in await service.published()
    # the same file again, and one after it, say nothing new
    assert (await service.load(again)).matches_proposed == 0
    assert await service.published() == []


async def test_a_report_tells_as_a_table_how_many() -> None:
    service = service_of(merge_by=[PersonIdentifier.STAFF_NUMBER])
    # what has another name is not merged unasked: the number was given again, or mistyped
    told: Told = dict.fromkeys(("teacher-1", "teacher-2"), ("", "s-2001", ""))
    table = report_csv(import_report(await service.load(night(told)), validate_only=False))
    assert "match,users.csv,,,proposed,1,Pairs" in table
    assert "merged_by_setting" not in table
    new = ("new-1", "new-2")
    twice = night(dict.fromkeys(new, ("", "s-2002", "")), more=new)
    table = report_csv(import_report(await service.load(twice), validate_only=False))
    assert "match,users.csv,,,merged_by_setting,1,Those" in table
    assert "match," not in report_csv(import_report(await service.load(night({})), False))


async def test_an_email_is_looked_at_only_where_the_district_wants_it() -> None:
    service = Service()
    await service.load(night({"teacher-1": ("", "", "ann@example.org")}))
    assert await service.identifiers.all("north") == {}
    new = night({"new-1": ("", "", "ann@example.org")}, [("teacher-1", "new-1")])
    assert (await service.load(new, allow_removals=True)).matches_proposed == 0


async def test_the_most_telling_one_is_the_reason_and_contradicts_others() -> None:
    service = service_of(propose_by=EVERY)
    await service.load(night({**ANN, "teacher-2": ("m-1002", "s-2002", "ben@example.org")}))
    new: Told = {
        "new-1": ANN["teacher-1"],
        "new-2": ("m-9999", "s-2002", "ben@example.org"),  # a number given to somebody else
    }
    renamed = [("teacher-1", "new-1"), ("teacher-2", "new-2")]
    await service.load(night(new, renamed), allow_removals=True)
    assert await proposed(service) == [("teacher-1", "new-1", MatchReason.MASTER_IDENTIFIER)]


async def test_two_records_in_one_file_are_proposed_and_the_older_is_kept() -> None:
    service = Service()
    await service.load(night(ANN))
    service.clock.forward(seconds=86_400)
    new: Told = {**ANN, "a-new-1": ANN["teacher-1"]}
    report = await service.load(night(new, more=["a-new-1"]))
    assert report.matches_proposed == 1
    assert await proposed(service) == [("a-new-1", "teacher-1", MatchReason.MASTER_IDENTIFIER)]


async def test_what_more_than_two_share_proposes_nobody_and_is_noted() -> None:
    service = Service()
    told: Told = dict.fromkeys(("teacher-1", "teacher-2", "coach-1"), ("", "temporary", ""))
    report = await service.load(night(told))
    assert (report.matches_proposed, await proposed(service)) == (0, [])
    assert notes_of(report) == [("identifier", "shared_identifier", 3)]


def without(files: Files, *gone: str) -> Files:
    return {
        name: "".join(row for row in text.splitlines(True) if not any(x in row for x in gone))
        for name, text in files.items()
    }


async def test_of_two_one_is_in_the_roster() -> None:
    service = Service()
    shared: Told = dict.fromkeys(("teacher-1", "teacher-2", "coach-1"), ("", "s-2001", ""))
    await service.load(night(shared))
    rest = without(night({"coach-1": ("", "s-2002", "")}), "teacher-1", "teacher-2")
    report = await service.load(rest, allow_removals=True)
    assert (report.matches_proposed, report.stopped) == (0, False)


async def test_who_left_long_ago_is_known_again() -> None:
    service = Service()
    await service.load(night(ANN))
    nobody = without(good_files(), "teacher-1")
    await service.load(nobody, allow_removals=True)
    left = (await service.identifiers.all("north"))["teacher-1"]
    assert left.left_at == service.clock.now()
    service.clock.forward(seconds=86_400 * 300)
    await service.load(nobody, allow_removals=True)
    assert (await service.identifiers.all("north"))["teacher-1"] == left
    back = night({"new-1": ANN["teacher-1"]}, [("teacher-1", "new-1")])
    await service.load(back, allow_removals=True)
    assert [each[:2] for each in await proposed(service)] == [("teacher-1", "new-1")]


@pytest.mark.parametrize("end", ["dismiss", "separate"])
async def test_who_was_decided_to_be_two_is_not_proposed_again(end: str) -> None:
    service = Service()
    both = night({**ANN, "teacher-2": ANN["teacher-1"]})
    await service.load(both)
    ports, at = service.ports.match, service.clock.now()
    match_id = ports.matches.derived_id("north", "teacher-1", "teacher-2")
    if end == "separate":
        await deciding.confirm_match(ports, call_for("confirm_match", "admin-1"), match_id)
    call = call_for(f"{end}_match", "admin-1")
    await ports.matches.change(call, match_id, lambda it: getattr(it, end)("admin-1", at))
    await service.published()
    assert (await service.load(both)).matches_proposed == 0
    assert await service.published() == []


async def test_somebody_who_was_added_by_hand_is_proposed_by_the_id_that_was_typed() -> None:
    service = service_of(propose_by=EVERY, merge_by=EVERY)
    await service.load(good_files())
    body = AddProvisionalPerson(given_name="Nora", family_name="New", org_id="school-1")
    call = call_for("add_provisional_person", "admin-1")
    await add_provisional_person(service.ports.person, call, "nora@example.org", body)
    told: Told = {"new-1": ("", "", "Nora@example.org")}
    report = await service.load(night(told, more=["new-1"]))
    assert (report.matches_proposed, report.merged_by_setting) == (
        1,
        0,
    )  # what somebody typed merges nobody
    assert await proposed(service) == [("nora@example.org", "new-1", MatchReason.EMAIL)]


async def test_a_file_that_only_checks_or_is_stopped_tells_and_keeps_nothing() -> None:
    service = Service()
    await service.load(night(ANN))
    known = await service.identifiers.all("north")
    new = night({"new-1": ANN["teacher-1"]}, [("teacher-1", "new-1")])
    await service.published()
    assert (await service.load(new, validate_only=True)).matches_proposed == 1
    stopped = await service.load(new)
    assert (stopped.stopped, stopped.matches_proposed) == (True, 1)
    assert await service.identifiers.all("north") == known
    assert await service.published() == []


async def test_of_a_wrong_row_and_of_files_of_changes_the_identifiers_stay() -> None:
    service = Service()
    await service.load(night(ANN))
    known = await service.identifiers.all("north")
    wrong = night({"teacher-1": ("m-8", "s-8", "")})
    wrong["users.csv"] = wrong["users.csv"].replace("teacher-1,true", "teacher-1,perhaps")
    await service.load(wrong)
    await service.load(changes(users="teacher-2,active,,true,t2,Bea,Baker"))
    assert await service.identifiers.all("north") == known


async def test_no_more_are_proposed_than_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_PROPOSED", 2)
    service = Service()
    names = [f"t-{number}" for number in range(6)]
    told: Told = {name: (f"m-100{at // 2}", "", "") for at, name in enumerate(names)}
    report = await service.load(night(told, more=names))
    assert (report.matches_proposed, notes_of(report)) == (2, [("", "matches_wait", 1)])
    report = await service.load(night(told, more=names))
    assert (report.matches_proposed, notes_of(report)) == (0, [("", "matches_wait", 1)])
    match = (await proposed(service))[0]
    ports, at = service.ports.match, service.clock.now()
    match_id = ports.matches.derived_id("north", *sorted(match[:2]))
    call = Call("dismiss_match", Principal("north", person="admin-1"))
    await ports.matches.change(call, match_id, lambda it: it.dismiss("admin-1", at))
    assert (await service.load(night(told, more=names))).matches_proposed == 1


async def test_those_that_wait_for_nobody_are_not_kept_waiting_by_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching, "MOST_PROPOSED", 1)
    service = service_of(merge_by=[PersonIdentifier.STAFF_NUMBER])
    names = [f"t-{number}" for number in range(4)]
    told: Told = dict.fromkeys(names[:2], ("m-1000", "", ""))
    told |= dict.fromkeys(names[2:], ("", "s-1000", ""))
    report = await service.load(night(told, more=names))
    assert (report.matches_proposed, report.merged_by_setting) == (1, 1)
    assert notes_of(report) == [("", "matches_wait", 1)]


async def test_identifiers_are_told_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    service = service_of(propose_by=EVERY)
    with caplog.at_level(logging.DEBUG):
        await service.load(night({**ANN, "teacher-2": ANN["teacher-1"]}))
    stored: Any = (
        await service.identifiers.all("north"),
        vars(service.documents),
        caplog.text,
    )
    assert not any(each in repr(stored) for each in ANN["teacher-1"])


def test_what_merges_is_proposed() -> None:
    with pytest.raises(ValueError, match="merge_by"):
        SamePerson(merge_by=(PersonIdentifier.EMAIL,))
