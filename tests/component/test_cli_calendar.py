"""`tandem roster calendar import` against a service that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.fake_services import FakeServices, fake_services, problem

CALENDAR = "/roster/v1/calendars/2027"
DAYS = [{"first_date": "2026-11-11", "last_date": "2026-11-11", "title": "Veterans Day"}]
BODY = {"days_without_school": DAYS, "special_days": [], "terms": []}
STATED = {"school_year": 2027, "school_org_id": None, **BODY, "version": 1}
NONE = (404, problem(404, "not_found", "It does not exist."))

ORGS = ("GET", "/roster/v1/orgs")
SCHOOLS_OF_DAYS = (("11", "s1"), ("12", "s2"), ("13", "s9"), ("16", ""), ("17", "office"))


def orgs(*schools: str, **others: str) -> Any:
    """A page of them: schools, and others with their type."""
    found = [{"org_id": each, "type": "school"} for each in schools]
    found += [{"org_id": each, "type": kind} for each, kind in others.items()]
    return {"orgs": found, "next_page_token": ""}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "days.csv"
    path.write_text("date,title\n2026-11-11,Veterans Day\n")
    return path


def imported(services: FakeServices, file: Path, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["roster", "calendar", "import", str(file), *given, *more])


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_file_states_the_days_of_its_school_year(
    services: FakeServices, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("GET", CALENDAR): NONE, ("PUT", CALENDAR): (200, STATED)}
    assert imported(services, file) == Exit.OK
    assert "lakewood, 2026-2027: stated" in capsys.readouterr().out
    (_, put) = services.asked
    assert json.loads(put.body) == BODY
    assert put.headers["authorization"] == "Bearer t"


def test_the_same_again_and_a_dry_run_change_nothing(
    services: FakeServices, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["GET", CALENDAR] = (200, STATED)
    assert imported(services, file, "--json") == Exit.OK
    assert said(capsys)["calendars"] == [{"school_org_id": None, "changed": False}]
    services.answers["GET", CALENDAR] = NONE
    assert imported(services, file, "--json", "--dry-run") == Exit.OK
    report = said(capsys)
    assert (report["calendars"][0]["changed"], report["dry_run"]) == (True, True)
    assert [each.method for each in services.asked] == ["GET", "GET"]


def test_a_school_is_stated_for_itself_and_one_that_is_not_named_is_left_alone(
    services: FakeServices, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("date,title,type,school\n2027-04-12,Tests,testing,n/s.1\n")
    place = f"{CALENDAR}/schools/n%2Fs.1"
    services.answers = {
        ORGS: (200, orgs("n/s.1")),
        ("GET", place): NONE,
        ("PUT", place): (200, STATED),
    }
    assert imported(services, file) == Exit.OK
    assert "lakewood, school n/s.1, 2026-2027: stated" in capsys.readouterr().out
    assert [each.path for each in services.asked[1:]] == [place, place]
    tests = {"first_date": "2027-04-12", "last_date": "2027-04-12", "title": "Tests"}
    assert json.loads(services.asked[-1].body) == {
        "days_without_school": [],
        "special_days": [{**tests, "day_type": "testing"}],
        "terms": [],
    }


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_school_that_the_roster_does_not_have_is_a_mistake_before_anything_is_stated(
    services: FakeServices, file: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    days = "".join(f"2026-11-{day},,{school}\n" for day, school in SCHOOLS_OF_DAYS)
    file.write_text(f"date,title,school\n{days}")
    services.answers[ORGS] = [
        (200, {**orgs("s1"), "next_page_token": "more"}),
        (200, orgs("s2", office="office")),
    ]
    assert imported(services, file, "--json", *more) == Exit.PROBLEMS
    found = [(each["line"], each["column"], each["code"]) for each in said(capsys)["problems"]]
    assert found == [(4, "school", "unknown_school"), (6, "school", "unknown_school")]
    assert [each.path for each in services.asked] == [
        f"{ORGS[1]}?page_size=200",
        f"{ORGS[1]}?page_size=200&page_token=more",
    ]


def test_what_leads_elsewhere_is_no_school(services: FakeServices, file: Path) -> None:
    file.write_text("date,title,school\n2026-11-11,x,..\n")
    services.answers = {("GET", CALENDAR): NONE, ("PUT", CALENDAR): (200, STATED)}
    assert imported(services, file) == Exit.PROBLEMS
    assert services.asked == []


def test_every_mistake_is_listed_with_its_line_and_nothing_is_sent(
    services: FakeServices, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("date,title\n2026-11-11,x\nsoon,y\n2025-11-11,z\n")
    assert imported(services, file) == Exit.PROBLEMS
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[2].partition(":")[0] for line in lines] == ["3 date", "4 date"]
    assert imported(services, file, "--json") == Exit.PROBLEMS
    assert [each["code"] for each in said(capsys)["problems"]] == ["bad_date", "other_school_year"]
    assert services.asked == []


def test_an_empty_file_needs_its_school_year(services: FakeServices, file: Path) -> None:
    file.write_text("date,title\n")
    assert imported(services, file) == Exit.USAGE
    services.answers = {("GET", CALENDAR): (200, STATED), ("PUT", CALENDAR): (200, STATED)}
    assert imported(services, file, "--school-year", "2027") == Exit.OK
    assert json.loads(services.asked[-1].body) == {name: [] for name in BODY}


def test_a_file_that_is_not_there_is_not_found(services: FakeServices, tmp_path: Path) -> None:
    assert imported(services, tmp_path / "none.csv") == Exit.NOT_FOUND
