"""Commands against services that answer as they are told: output, errors, exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.assembly.registry import VIEWS
from services.chassis import mongo
from services.chassis.log import admin
from services.ctl.__main__ import run
from services.ctl.caseload_screen import Screen
from services.ctl.caseload_table import goal as goal_line
from services.ctl.caseload_table import table
from services.ctl.commands import views
from services.ctl.exits import MEANINGS, Exit
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.stack import Stack
from services.ctl.sse import SseMessage
from tests.support.command_line import ports_of
from tests.support.fake_services import (
    CASELOAD,
    FakeServices,
    event,
    fake_services,
    problem,
)

MINE = ("GET", "/insights/v1/caseloads/coach-01")
LIVE = ("GET", "/insights/v1/caseloads/coach-01/live")
IMPORTS = ("POST", "/roster/v1/imports")

Read = Callable[[], tuple[str, str]]


@pytest.fixture(autouse=True)
def _no_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TANDEM_URL", "TANDEM_TOKEN", "MONGODB_URI", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TANDEM_LOCAL", str(tmp_path))


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


@pytest.fixture
def stack(services: FakeServices, tmp_path: Path) -> FakeServices:
    """The fake services as the local stack of this folder."""
    people = {"coach": "coach-01", "teacher": "teacher-0001", "admin": "admin-01"}
    ports = ports_of(services)
    Stack("127.0.0.1:1", "mongodb://127.0.0.1:1/?connectTimeoutMS=50", ports, people).save(tmp_path)
    write_districts(tmp_path, DEMO)
    return services


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    def both() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return both


def test_the_caseload_of_the_first_demo_coach_needs_no_argument(
    stack: FakeServices, read: Read
) -> None:
    stack.answers[MINE] = (200, CASELOAD)
    assert run(["caseload", "show", "--json"]) == Exit.OK
    out, err = read()
    assert json.loads(out) == CASELOAD
    assert err == ""
    assert stack.asked[0].headers["authorization"].startswith("Bearer ey")


def test_the_caseload_as_a_table(stack: FakeServices, read: Read) -> None:
    stack.answers[MINE] = (200, CASELOAD)
    assert run(["caseload", "show"]) == Exit.OK
    out, _ = read()
    assert "1 teachers, as of 2026-11-22 11:41:05 PST" in out
    for part in (
        "Nina Evans",
        "F2 feedback due",
        "student-talk-share 44%",
        "under 10",
    ):
        assert part in out


@pytest.mark.parametrize(
    ("state", "marked"), [("active", ""), ("draft", ", draft"), ("unknown", ", unknown")]
)
def test_the_table_says_of_a_goal_that_it_is_open_and_not_active(state: str, marked: str) -> None:
    (entry,) = CASELOAD["entries"]
    goal = {**entry["open_goals"][0], "state": state}
    made = table({**CASELOAD, "entries": [{**entry, "open_goals": [goal]}]})
    assert list(made.columns[4].cells) == [f"student-talk-share 44%{marked}"]
    fresh = {**goal, "baseline": None}
    assert marked in goal_line(goal)
    assert marked in goal_line(fresh)


@pytest.mark.parametrize(("hour", "ago"), [("07", "2 days"), ("08", "1 day")])
def test_the_table_counts_the_days_of_the_district(hour: str, ago: str) -> None:
    entry = {**CASELOAD["entries"][0], "last_contact_at": f"2026-11-18T{hour}:30:00Z"}
    noon = datetime(2026, 11, 19, 20, tzinfo=UTC)
    made = table({**CASELOAD, "entries": [entry]}, noon)
    assert list(made.columns[2].cells) == [ago]


def test_elsewhere_addresses_and_tokens_come_from_options(
    services: FakeServices, read: Read
) -> None:
    services.answers["GET", "/insights/v1/caseload"] = (200, CASELOAD)
    given = ["--url", services.url + "/", "--token", "t", "--school-year", "2026"]
    assert run(["caseload", "show", "--json", *given]) == Exit.OK
    assert services.asked[0].headers["authorization"] == "Bearer t"
    assert services.asked[0].path.endswith("?school_year=2026")


def test_watch_resumes_where_it_was_and_prints_one_line_per_change(
    stack: FakeServices, read: Read
) -> None:
    entry = CASELOAD["entries"][0]
    goal = {**entry["open_goals"][0], "current": 40.0, "progress_share": 0.8}
    moved = {**entry, "open_goals": [goal], "flags": []}
    stack.answers[LIVE] = [
        (200, event("reset", "p1", entries=1) + event("entry", "p2", entry=entry)),
        (200, event("entry", "p3", entry=moved) + event("bye", "p3", reason="resume")),
        (200, event("gone", "p4", teacher_id="teacher-0001")),
        (403, problem(403, "forbidden", "Not any more.")),
    ]
    assert run(["caseload", "watch"]) == Exit.REFUSED
    out, err = read()
    told = ["watching 1 teachers of coach-01; Ctrl-C ends it", "tandem: forbidden: Not any more."]
    assert err.splitlines() == told
    lines = out.splitlines()
    assert len(lines) == 2
    assert "Nina Evans" in lines[0]
    assert "student-talk-share 40 percent, from 20 to 45 (80%); attention: none" in lines[0]
    assert "teacher-0001" in lines[1]
    places = [asked.headers.get("last-event-id") for asked in stack.asked]
    assert places == [None, "p2", "p3", "p4"]


def test_a_caseload_on_the_screen_is_what_was_heard_in_the_order_that_was_told() -> None:
    now = 0.0
    (one,) = CASELOAD["entries"]
    two = {**one, "teacher_id": "teacher-0002", "given_name": "Ada"}
    fresh = {"as_of": CASELOAD["as_of"], "stale": False}
    screen = Screen(CASELOAD, lambda: now)

    def told(kind: str, **data: Any) -> list[tuple[str, bool]]:
        screen.hear(SseMessage(kind, {**fresh, **data}))
        made = screen.drawn()
        names = [str(each) for each in made.columns[0].cells]
        return list(zip(names, [row.style == "reverse" for row in made.rows], strict=True))

    assert told("reset", entries=2, school_year=2027) == []
    told("entry", entry=one)
    told("entry", entry=two)
    ids = ["teacher-0002", one["teacher_id"]]
    assert told("order", teacher_ids=ids) == [("Ada Evans", False), ("Nina Evans", False)]
    assert told("entry", entry=one) == [("Ada Evans", False), ("Nina Evans", True)]
    assert told("order", teacher_ids=ids[::-1]) == [("Nina Evans", True), ("Ada Evans", False)]
    now = 3.0
    assert told("heartbeat") == [("Nina Evans", False), ("Ada Evans", False)]
    assert told("gone", teacher_id="teacher-0002") == [("Nina Evans", False)]


def test_a_table_that_is_drawn_again_is_for_a_terminal(stack: FakeServices, read: Read) -> None:
    assert run(["caseload", "watch", "--table"]) == Exit.USAGE
    assert "--table" in read()[1]


def test_watch_as_json_is_one_object_a_line(stack: FakeServices, read: Read) -> None:
    stack.answers[LIVE] = [(200, event("reset", "p1", entries=0))]
    run(["caseload", "watch", "--json", "--seconds", "0.5"])
    assert json.loads(read()[0].splitlines()[0]) == {"event": "reset", "entries": 0}


def test_tokens(stack: FakeServices, read: Read) -> None:
    assert run(["token", "--role", "coach"]) == Exit.OK
    out, _ = read()
    assert out.count(".") == 2
    assert run(["token", "--partner", "sis", "--scope", "roster.read", "--json"]) == Exit.OK
    told = json.loads(read()[0])
    assert (told["subject"], told["district"]) == ("sis", "lakewood")
    for wrong in ([], ["--role", "coach", "--person", "x"], ["--partner", "p"], ["--role", "x"]):
        assert run(["token", *wrong]) == Exit.USAGE
        assert len(read()[1].splitlines()) == 1
    assert run(["token", "--partner", "sis", "--scope", "roster.wirte"]) == Exit.USAGE
    assert "there are academic_sessions.read, acknowledgments.read, " in read()[1]
    assert run(["token", "--role", "coach", "--district", "nowhere"]) == Exit.NOT_FOUND
    assert read() == ("", "tandem: there is no district nowhere; there are lakewood, brookfield\n")


@pytest.mark.parametrize(
    ("status", "expected"), [(403, Exit.REFUSED), (422, Exit.REFUSED), (404, Exit.NOT_FOUND)]
)
def test_a_refusal_is_one_line_with_its_code(
    stack: FakeServices, read: Read, status: int, expected: Exit
) -> None:
    told = problem(status, "some_code", "This is\nwhy.", "/coach_id")
    stack.answers[MINE] = (status, told)
    assert run(["caseload", "show"]) == expected
    assert read() == ("", "tandem: some_code: This is why. (/coach_id)\n")


def test_what_is_wrong_with_an_argument_is_told_with_its_place(
    stack: FakeServices, read: Read
) -> None:
    told = problem(422, "invalid_request", "It breaks its schema.", "/school_year")
    told["errors"][0]["detail"] = "At least 2000."
    stack.answers[MINE] = (422, told)
    assert run(["caseload", "show", "--school-year", "26"]) == Exit.REFUSED
    said = "tandem: invalid_request: It breaks its schema. (/school_year: At least 2000.)\n"
    assert read() == ("", said)


def test_an_address_is_the_one_that_paths_are_added_to(read: Read) -> None:
    for url in ("http://gw/insights/v1", "http://gw/v1/", "http://gw/goals", "gw:8100"):
        assert run(["caseload", "show", "--url", url, "--token", "t"]) == Exit.USAGE
        assert read()[1].startswith("tandem: --url ")


def test_what_is_no_problem_document_is_a_refusal_too(stack: FakeServices, read: Read) -> None:
    stack.answers[MINE] = (502, "<html>")
    assert run(["caseload", "show"]) == Exit.REFUSED
    assert read()[1].startswith("tandem: http_502")


BACK = ["views", "rollback", "--view", "insights"]
LOOKS_FOR_HER = ["privacy", "verify-erasure", "teacher-0001", "--district", "north"]


def test_without_a_stack_there_is_one_line_about_it(read: Read) -> None:
    for command in (
        ["caseload", "show"],
        ["caseload", "watch"],
        ["outbox", "status"],
        ["parked", "list"],
        ["duties", "list"],
        ["topics", "ensure"],
        ["indexes", "ensure"],
        ["views", "rebuild"],
        ["views", "check"],
        BACK,
        LOOKS_FOR_HER,
        ["demo", "seed"],
        ["demo", "simulate"],
        ["token", "--role", "coach"],
    ):
        assert run(command) == Exit.NOT_FOUND, command
        out, err = read()
        assert out == ""
        assert err.startswith("tandem: no local stack runs here")
        assert err.count("\n") == 1


def test_indexes_of_a_service_that_has_no_address_yet_are_left_out_where_that_is_said(
    read: Read,
) -> None:
    command = ["indexes", "ensure", "--service", "goals", "--where-named"]
    assert run(command) == Exit.OK
    assert read()[0] == "goals: no address of MongoDB, so no indexes were made\n"
    assert run([*command, "--json"]) == Exit.OK
    assert json.loads(read()[0]) == {"services": [], "unnamed": ["goals"]}
    named = ["--mongodb-uri", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"]
    assert run([*command, *named]) == Exit.UNREACHABLE


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (["topics", "ensure"], "--kafka-bootstrap-servers (KAFKA_BOOTSTRAP_SERVERS)"),
        (["outbox", "status"], "--mongodb-uri (MONGODB_URI)"),
        (["caseload", "show"], "--url (TANDEM_URL) and --token (TANDEM_TOKEN)"),
        (["caseload", "show", "--url", "http://gw"], "--token (TANDEM_TOKEN)"),
        (["caseload", "show", "--token", "t"], "--url (TANDEM_URL)"),
        (
            [*BACK, "--mongodb-uri", "mongodb://m"],
            "--kafka-bootstrap-servers (KAFKA_BOOTSTRAP_SERVERS)",
        ),
        (["views", "rebuild", "--mongodb-uri", "mongodb://m"], "--journal for each write service"),
    ],
)
def test_without_a_stack_what_is_missing_is_named(
    read: Read, command: list[str], options: str
) -> None:
    assert run(command) == Exit.NOT_FOUND
    assert read()[1].endswith(f"; or give {options}\n")


def test_an_engine_or_service_that_does_not_answer(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "SECONDS", 0.3)
    monkeypatch.setattr(mongo, "TIMEOUT_MS", 200)
    dead = ["--mongodb-uri", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"]
    for command in (
        ["caseload", "show", "--url", "http://127.0.0.1:1", "--token", "t"],
        ["outbox", "status", "--service", "goals", *dead],
        ["parked", "list", "--service", "goals", *dead],
        ["duties", "list", *dead],
        ["duties", "retry", "x", *dead],
        ["topics", "ensure", "--kafka-bootstrap-servers", "127.0.0.1:1"],
        [*LOOKS_FOR_HER, "--kafka-bootstrap-servers", "127.0.0.1:1", *dead],
        [*BACK, "--kafka-bootstrap-servers", "127.0.0.1:1", *dead],
    ):
        assert run(command) == Exit.UNREACHABLE, command
        assert read()[1].count("\n") == 1


def test_wrong_usage(stack: FakeServices, read: Read) -> None:
    for command in (
        ["nothing"],
        ["caseload", "show", "--nope"],
        ["outbox", "status", "--service", "insights"],
        ["outbox", "status", "--mongodb-database", "x"],
        ["parked", "redrive"],
        ["parked", "discard", "x"],
        ["duties", "list", "--service", "insights"],
        ["duties", "retry"],
        ["duties", "retry", "x", "--all"],
        ["duties", "give-up", "x"],
        ["duties", "give-up", "--by", "ana"],
        ["views", "rebuild", "--view", "x"],
        ["views", "rebuild", "--journal", "goals=x:1"],
        ["views", "check", "--view", "x"],
        ["views", "check", "--view", "surveys-duties"],
        ["views", "check", "--mongodb-database", "x"],
        ["demo", "seed", "--teachers", "3"],
    ):
        assert run(command) == Exit.USAGE, command
        assert len(read()[1].splitlines()) == 1, command


def test_after_a_restore_all_views_are_built_those_of_insights_last(
    stack: FakeServices, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebuilt(name: str, _: object, dry_run: bool, park: int | None, after_restore: bool) -> Any:
        return {"view": name, "after_restore": after_restore}

    monkeypatch.setattr(views, "_rebuild", rebuilt)
    assert run(["views", "rebuild", "--after-restore", "--json"]) == Exit.OK
    built = {each["view"]: each["after_restore"] for each in json.loads(read()[0])}
    assert (built.keys(), all(built.values())) == (VIEWS.keys(), True)
    services = [VIEWS[name] for name in built]
    assert services.index("insights") == len(services) - services.count("insights")
    assert run(["views", "rebuild", "--json"]) == Exit.OK
    assert json.loads(read()[0]) == [{"view": "insights", "after_restore": False}]


def test_what_is_no_address_of_mongodb_shows_no_password(read: Read) -> None:
    for command in (["outbox", "status"], ["parked", "list"]):
        assert run([*command, "--mongodb-uri", "mongodb://goals:p@hush@db"]) == Exit.USAGE
        said = read()[1]
        assert "percent-encoded" in said
        assert "hush" not in said


def test_where_production_is_said_plain_text_is_wrong_usage(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("ALLOW_PLAINTEXT", "mongodb")
    command = ["topics", "ensure", "--kafka-bootstrap-servers", "kafka:9092"]
    assert run(command) == Exit.USAGE
    assert "KAFKA_SECURITY_PROTOCOL" in read()[1]
    monkeypatch.setenv("ALLOW_PLAINTEXT", "kafka")
    command = ["outbox", "status", "--service", "goals", "--mongodb-uri", "mongodb://db:hush@d/"]
    assert run(command) == Exit.USAGE
    said = read()[1]
    assert "MONGODB_URI" in said
    assert "hush" not in said


def test_help_is_fast_to_start_and_tells_the_exit_codes() -> None:
    asked = (
        "import sys\nfrom services.ctl.__main__ import run\nrun(['--help'])\n"
        "slow = {'httpx2', 'pymongo', 'aiokafka', 'grpc', 'fastapi', 'joserfc', 'rich'}\n"
        "sys.exit(f'imported {slow & set(sys.modules)}' if slow & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for code, meaning in MEANINGS.items():
        assert f"{code:>3}  {meaning}" in done.stdout
