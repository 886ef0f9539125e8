"""What a roster or a service says is shown as text: it cannot style, link, hide or turn round
a line of the terminal, nor break a command."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.chassis.duties.duty import GIVEN_UP, Todo
from services.chassis.log.envelope import Record
from services.chassis.views.parked import Parked
from services.ctl import console
from services.ctl.__main__ import run
from services.ctl.commands import duties as duties_commands
from services.ctl.commands import parked as parked_commands
from services.ctl.exits import Exit
from tests.support.clocks import START
from tests.support.fake_services import (
    CASELOAD,
    REPORT,
    FakeServices,
    event,
    fake_services,
    imported,
    problem,
)

HOSTILE = [
    "Anna [sub]",
    "[link=https://evil.example]Bea[/link]",
    "Smith [/b]",
    "[bold red]Cara[/]",
    ":skull: Dee",
    "Eve\u202eyrraL",
    "Fay\u2066x\u2069",
    "Gus\u200ferom",
    "Hal\x1b[2J\x1b]8;;https://evil.example\x1b\\",
    "Ida\x9b31m",
    "Joe\rF2 feedback due",
    "Kim\nLou",
    "Mia\u2028Nan",
    "Oda\U000e0041",
]
UNSAFE = {chr(each) for each in (*range(32), *range(127, 160), 0x200F, 0x2028, 0x202E, 0x2066)}
MARKS = ("\u2069", "\U000e0041")
Read = Callable[[], tuple[str, str]]


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("TANDEM_LOCAL", str(tmp_path))
    with fake_services() as fake:
        yield fake


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    def both() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return both


def told(name: str) -> Any:
    """A caseload in which every text is hostile."""
    caseload = copy.deepcopy(CASELOAD)
    entry = caseload["entries"][0]
    entry |= {"given_name": name, "family_name": name, "teacher_id": name}
    entry["open_goals"][0] |= {"measure_id": name, "unit": name}
    entry["flags"][0]["code"] = name
    return {**caseload, "coach_id": name}


def assert_safe(text: str) -> None:
    assert not (UNSAFE - {"\n"}) & set(text)
    assert not any(each in text for each in MARKS)


def shown(name: str) -> str:
    """How a name that fits on a line stands there."""
    return console.plain(name)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_caseload_shows_names_as_they_are(services: FakeServices, read: Read, name: str) -> None:
    services.answers["GET", "/insights/v1/caseload"] = (200, told(name))
    where = ["--url", services.url, "--token", "t"]
    assert run(["caseload", "show", *where]) == Exit.OK
    out, _ = read()
    assert_safe(out)
    whole = " ".join(out.split())
    assert " ".join(f"{shown(name)} {shown(name)}".split()) in whole
    assert run(["caseload", "show", "--json", *where]) == Exit.OK
    out, _ = read()
    assert_safe(out)
    assert json.loads(out) == told(name)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_live_caseload_keeps_one_line_for_each_change(
    services: FakeServices, read: Read, name: str
) -> None:
    entry = told(name)["entries"][0]
    services.answers["GET", "/insights/v1/caseloads/c/live"] = [
        (200, event("reset", "p1", entries=0) + event("entry", "p2", entry=entry)),
        (200, event("gone", "p3", teacher_id=name)),
        (403, problem(403, "forbidden", f"Not {name} any more.")),
    ]
    command = ["caseload", "watch", "--coach", "c", "--url", services.url, "--token", "t"]
    assert run(command) == Exit.REFUSED
    out, err = read()
    assert_safe(out)
    assert_safe(err)
    assert (out.count("\n"), err.count("\n")) == (2, 2)
    assert out.count(shown(name)) >= 3


@pytest.mark.parametrize("name", HOSTILE)
def test_an_import_says_what_is_wrong_on_lines_of_its_own(
    services: FakeServices, read: Read, tmp_path: Path, name: str
) -> None:
    wrong = {"file": name, "line": 7, "column": name, "code": "bad", "reason": name}
    noted = {"file": name, "column": name, "rows": 2, "reason": name}
    counts = {name: REPORT["counts"]["people"]}
    report = {**REPORT, "counts": counts, "problems": [wrong], "notes": [noted]}
    services.answers["POST", "/roster/v1/imports"] = (202, imported(report))
    file = tmp_path / "roster.zip"
    file.write_bytes(b"PK")
    where = ["--district", "north", "--url", services.url, "--token", "t"]
    assert run(["roster", "import", str(file), *where]) == Exit.PROBLEMS
    out, _ = read()
    assert_safe(out)
    said = shown(name)
    assert out.splitlines()[-2:] == [
        f"{said}:7 {said}: {said}",
        f"note: {said} {said}, 2 rows: {said}",
    ]
    assert shown(name.replace("_", " ")) in out


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_to_be_done_cannot_hide_itself(
    monkeypatch: pytest.MonkeyPatch, read: Read, name: str
) -> None:
    todo = Todo(name, name, GIVEN_UP, START, 10, name, name, {"event": name})
    monkeypatch.setattr(duties_commands, "on_engines", lambda work: [("observations", todo)])
    assert run(["duties", "list", "--mongodb-uri", "mongodb://127.0.0.1:1"]) == Exit.OK
    out, _ = read()
    assert_safe(out)
    assert out.count("\n") == 1
    assert shown(name) in out


@pytest.mark.parametrize("name", HOSTILE)
def test_a_parked_event_cannot_hide_itself(
    monkeypatch: pytest.MonkeyPatch, read: Read, name: str
) -> None:
    record = Record("t", 0, 0, b"k", b"v", [])
    each = Parked(name, "v", record, name, name, name, 1, START)
    monkeypatch.setattr(parked_commands, "on_engines", lambda work: [("goals", each)])
    assert run(["parked", "list", "--mongodb-uri", "mongodb://127.0.0.1:1"]) == Exit.OK
    out, _ = read()
    assert_safe(out)
    assert out.count("\n") == 1
    assert shown(name) in out
