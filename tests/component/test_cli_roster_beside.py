"""`tandem grants`, `tandem covers`, `tandem roster turn-year` against services that answer as they
are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.fake_services import FakeServices, fake_services, problem

GRANT: dict[str, Any] = {
    "grant_id": "g1",
    "person_id": "aide",
    "person_name": "Ann \x1b[2JAble",
    "role": "coach",
    "org_ids": ["school-1"],
    "person_ids": ["t1"],
    "begin_date": "2026-10-05",
    "end_date": "2026-12-18",
    "state": "open",
    "version": 3,
}
COVER: dict[str, Any] = {
    "cover_id": "c1",
    "teacher_id": "t1",
    "teacher_name": "Ben Baker",
    "substitute_id": "t2",
    "substitute_name": None,
    "class_ids": ["k1", "k2"],
    "classes": [
        {"class_id": "k1", "class_title": "Math 4a"},
        {"class_id": "k2", "class_title": None},
    ],
    "reason_kind": "leave",
    "begin_date": "2026-10-05",
    "end_date": "2026-12-18",
    "state": "open",
    "version": 2,
}
GRANTS, COVERS = "/roster/v1/grants", "/roster/v1/covers"
SESSIONS = ("GET", "/roster/v1/academic-sessions")
CARRY = ("POST", "/programs/v1/relationships/carry-over")
NOTHING_ELSE = {
    ("GET", f"/programs/v1/{noun}"): (200, {noun: [], "next_page_token": "", "left_out": 0})
    for noun in ("programs", "circles")
}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def typed(services: FakeServices, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run([*more, *given])


def page(noun: str, *items: Any) -> tuple[int, Any]:
    return 200, {noun: list(items), "next_page_token": "", "left_out": 0}


def bodies(services: FakeServices) -> list[Any]:
    return [json.loads(each.body) for each in services.asked if each.body]


def test_a_grant_is_given_and_told(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("POST", GRANTS): (201, GRANT)}
    words = ["grants", "give", "aide", "coach", "--reason", "why", "--org", "school-1"]
    assert typed(services, *words, "--teacher", "t1", "--last", "2026-12-18") == Exit.OK
    assert bodies(services) == [
        {
            "person_id": "aide",
            "role": "coach",
            "reason": "why",
            "org_ids": ["school-1"],
            "person_ids": ["t1"],
            "end_date": "2026-12-18",
        }
    ]
    assert services.asked[0].headers["idempotency-key"]
    told = capsys.readouterr().out
    assert told == ("g1: Ann \ufffd[2JAble, coach for school-1, t1, 2026-10-05 to 2026-12-18\n")


def test_what_is_not_named_of_a_grant_stays_and_its_version_is_said(
    services: FakeServices,
) -> None:
    services.answers = {
        ("GET", f"{GRANTS}/g1"): (200, GRANT),
        ("POST", f"{GRANTS}/g1/change"): (200, {**GRANT, "version": 4}),
    }
    assert typed(services, "grants", "change", "g1", "--reason", "w", "--last", "open") == Exit.OK
    kept = {"org_ids": ["school-1"], "person_ids": ["t1"]}
    assert bodies(services) == [{**kept, "reason": "w", "end_date": None}]
    assert services.asked[1].headers["if-match"] == '"3"'


def test_a_grant_is_ended_and_a_refusal_is_told(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("POST", f"{GRANTS}/g1/end"): (200, {**GRANT, "state": "ended"})}
    assert typed(services, "grants", "end", "g1", "--reason", "w") == Exit.OK
    assert capsys.readouterr().out.endswith(" (ended)\n")
    refused = (409, problem(409, "grant_ended", "It was ended: give another one."))
    services.answers = {("POST", f"{GRANTS}/g1/end"): refused}
    assert typed(services, "grants", "end", "g1", "--reason", "w") == Exit.REFUSED
    assert "grant_ended" in capsys.readouterr().err


def test_grants_are_listed_and_those_that_end_soon(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("GET", GRANTS): page("grants", GRANT)}
    assert typed(services, "grants", "list", "--ending-by", "soon", "--owner", "me") == Exit.OK
    assert "g1: Ann" in capsys.readouterr().out
    query = services.asked[0].path.partition("?")[2]
    for asked in ("owner_id=me", "state=open", "ending_by=20"):
        assert asked in query
    services.answers = {("GET", GRANTS): page("grants")}
    assert typed(services, "grants", "list", "--all") == Exit.OK
    assert capsys.readouterr().out == "none\n"
    assert "state" not in services.asked[1].path


def test_a_cover_is_entered_changed_and_ended(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {
        ("POST", COVERS): (201, COVER),
        ("GET", f"{COVERS}/c1"): (200, COVER),
        ("POST", f"{COVERS}/c1/change"): (200, COVER),
        ("POST", f"{COVERS}/c1/end"): (200, {**COVER, "state": "ended"}),
        ("GET", COVERS): page("covers", COVER),
    }
    days = ["--reason", "leave", "--last", "2026-12-18"]
    assert typed(services, "covers", "enter", "t1", "t2", *days) == Exit.OK
    line = "c1: t2 for Ben Baker, 2026-10-05 to 2026-12-18, Math 4a, k2"
    assert capsys.readouterr().out == f"{line}\n"
    assert typed(services, "covers", "change", "c1", "--class", "k1") == Exit.OK
    assert typed(services, "covers", "end", "c1") == Exit.OK
    assert capsys.readouterr().out == f"{line}\n{line} (ended)\n"
    entered, changed = bodies(services)
    assert entered == {
        "teacher_id": "t1",
        "substitute_id": "t2",
        "reason_kind": "leave",
        "end_date": "2026-12-18",
        "class_ids": [],
    }
    assert changed == {"class_ids": ["k1"], "reason_kind": "leave", "end_date": "2026-12-18"}
    assert typed(services, "covers", "list", "--ending-from", "2026-10-05") == Exit.OK
    assert capsys.readouterr().out == f"{line}\n"


STALE = (412, problem(412, "stale_version", "The resource has changed since."))
PERSON = {"given_name": "Ann", "family_name": "Able", "status": "active"}


def test_a_dry_run_asks_the_service_and_changes_nothing(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names a version that nothing has had: refused once all else was found right."""
    services.answers = {
        ("GET", f"{GRANTS}/g1"): (200, GRANT),
        ("POST", f"{GRANTS}/g1/change"): STALE,
        ("POST", f"{GRANTS}/g1/end"): STALE,
        ("GET", f"{COVERS}/c1"): (200, COVER),
        ("POST", f"{COVERS}/c1/change"): STALE,
        ("POST", f"{COVERS}/c1/end"): STALE,
    }
    why = ["--reason", "w"]
    assert typed(services, "grants", "change", "g1", *why, "--teacher", "t9", "--dry-run") == 0
    assert typed(services, "grants", "end", "g1", *why, "--dry-run") == 0
    assert typed(services, "covers", "change", "c1", "--class", "k1", "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert typed(services, "covers", "end", "c1", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [each.partition(": ")[0] for each in lines] == [
        "would be g1",
        "would be g1",
        "would be c1",
    ]
    assert "school-1, t9," in lines[0]
    assert lines[1].endswith("(ended)")
    assert lines[2].endswith(", Math 4a")
    assert (told["state"], told["dry_run"]) == ("ended", True)
    posts = [each for each in services.asked if each.method == "POST"]
    assert {each.headers["if-match"] for each in posts} == {'"0"'}
    assert len(posts) == 4
    refused = (422, problem(422, "unknown_teacher", "There is no such active teacher."))
    services.answers["POST", f"{GRANTS}/g1/change"] = refused
    assert typed(services, "grants", "change", "g1", *why, "--dry-run") == Exit.REFUSED


def test_what_would_be_given_or_entered_is_looked_at_and_not_sent(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    people = "/roster/v1/people"
    services.answers = {
        ("GET", f"{people}/aide"): (200, PERSON),
        ("GET", f"{people}/t1"): (200, {**PERSON, "given_name": "Ben"}),
        ("GET", "/roster/v1/orgs"): page("orgs", {"org_id": "school-1"}),
    }
    give = [
        "grants",
        "give",
        "aide",
        "coach",
        "--reason",
        "w",
        "--dry-run",
        "--first",
        "2026-10-05",
    ]
    named = ["--org", "school-1", "--teacher", "t1", "--last", "2026-12-18"]
    assert typed(services, *give, *named) == Exit.OK
    enter = ["covers", "enter", "t1", "aide", "--reason", "leave", "--last", "2026-12-18"]
    assert typed(services, *enter, "--first", "2026-10-05", "--dry-run") == Exit.OK
    assert capsys.readouterr().out.splitlines() == [
        "would be new: Ann Able, coach for school-1, t1, 2026-10-05 to 2026-12-18",
        "would be new: Ann Able for Ben Able, 2026-10-05 to 2026-12-18, all classes",
    ]
    assert typed(services, *give, "--org", "school-9") == Exit.REFUSED
    assert typed(services, *give, "--teacher", "t9") == Exit.NOT_FOUND
    assert typed(services, *give) == Exit.REFUSED
    services.answers["GET", f"{people}/t1"] = (200, {**PERSON, "status": "removed"})
    assert typed(services, *enter, "--dry-run") == Exit.REFUSED
    assert {each.method for each in services.asked} == {"GET"}


def turned(services: FakeServices, *more: str) -> int:
    return typed(services, "roster", "turn-year", "--to-year", "2028", *more)


def carried() -> list[Any]:
    first = {
        "carried_over": [_pair("t1", state="active"), _pair("t3", state="proposed")],
        "skipped": [],
        "left_out": 0,
        "next_page_token": "more",
    }
    last = {
        "carried_over": [],
        "skipped": [_pair("t2", reason="unknown_teacher")],
        "left_out": 0,
        "next_page_token": "",
    }
    return [(200, first), (200, last)]


def _pair(teacher: str, **more: str) -> dict[str, str]:
    return {"coach_id": "c", "teacher_id": teacher, "from_relationship_id": f"r-{teacher}", **more}


def test_without_a_session_of_the_new_year_nothing_is_done(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {SESSIONS: page("sessions", {"school_year": 2027})}
    assert turned(services, "--carry-over") == Exit.PROBLEMS
    assert "no session of 2027-2028 yet" in capsys.readouterr().out
    assert {each.method for each in services.asked} == {"GET"}


@pytest.mark.parametrize("more", [["--dry-run"], []])
def test_each_relationship_is_listed_with_what_becomes_of_it(
    services: FakeServices, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    services.answers = {
        SESSIONS: page("sessions", {"school_year": 2028}),
        CARRY: carried(),
        **NOTHING_ELSE,
    }
    assert turned(services, "--carry-over", *more) == Exit.OK
    would = "would be " if more else ""
    assert capsys.readouterr().out.splitlines() == [
        "c and t1: active",
        "c and t2: unknown_teacher",
        "c and t3: proposed",
        "lakewood, 2027-2028: 2 of 3 relationships, 0 of 0 programs, 0 of 0 circles "
        f"{would}carried over; 1 sessions",
    ]
    assert {each["validate_only"] for each in bodies(services)} == {bool(more)}


def test_to_leave_them_writes_nothing_and_says_that_they_end(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {
        SESSIONS: page("sessions", {"school_year": 2028}),
        CARRY: carried(),
        **NOTHING_ELSE,
    }
    assert turned(services, "--leave", "--json") == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert [each["becomes"] for each in told["relationships"]] == [
        "ends_with_its_year",
        "unknown_teacher",
        "ends_with_its_year",
    ]
    assert {each["validate_only"] for each in bodies(services)} == {True}


def test_nothing_is_decided_silently(services: FakeServices) -> None:
    assert turned(services) == Exit.USAGE
    assert services.asked == []
