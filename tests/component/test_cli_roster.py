"""`tandem roster import`: what it sends and what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.ctl import importing
from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.command_line import local_stack
from tests.support.fake_services import REPORT, FakeServices, imported, problem

IMPORTS = ("POST", "/roster/v1/imports")
Read = Callable[[], tuple[str, str]]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServices]:
    with local_stack(monkeypatch, tmp_path) as fake:
        yield fake


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    def both() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return both


def test_an_import_lists_wrong_rows_and_says_so_in_its_code(
    stack: FakeServices, read: Read, tmp_path: Path
) -> None:
    file = tmp_path / "roster.zip"
    file.write_bytes(b"PK")
    stack.answers[IMPORTS] = (202, imported())
    command = ["roster", "import", str(file), "--district", "lakewood"]
    assert run([*command, "--dry-run"]) == Exit.PROBLEMS
    out, _ = read()
    assert "users.csv:7 familyName: is missing" in out
    head, row = out.splitlines()[:2]
    assert (
        head.split() == "lakewood added changed unchanged removed rows rejected held back".split()
    )
    assert row.split() == ["people", "2", "0", "1", "0", "1", "3"]
    sent = stack.asked[0]
    assert (sent.body, sent.headers["content-type"]) == (b"PK", "application/zip")
    assert sent.path.endswith("?validate_only=true")
    stack.answers[IMPORTS] = (202, imported({**REPORT, "problems": [], "problem_count": 0}))
    assert run(command) == Exit.OK
    assert "note: roles.csv beginDate, 2 rows: read as month/day" in read()[0]
    stack.answers[IMPORTS] = (202, imported({**REPORT, "stopped": True}))
    assert run([*command, "--allow-removals"]) == Exit.PROBLEMS
    out, _ = read()
    assert out.startswith("lakewood, would be ")
    assert "nothing was changed: the file would remove so much that it looks broken" in out
    stack.answers[IMPORTS] = (202, imported({**REPORT, "problems": [], "problem_count": 0}))
    assert run([*command, "--json"]) == Exit.OK
    assert json.loads(read()[0])["counts"]["people"]["created"] == 2
    read()
    assert run(["roster", "import", str(tmp_path / "no.zip"), "--district", "d"]) == Exit.NOT_FOUND
    assert run(["roster", "import", str(file), "--district", "maple"]) == Exit.NOT_FOUND
    assert "there is no district maple; there are lakewood" in read()[1]


@pytest.mark.parametrize(
    ("pairs", "merged", "told"),
    [
        (1, 0, "1 pair of records may be one person: "),
        (3, 2, "3 pairs of records may be one person, 2 of them by the district's settings: "),
    ],
)
def test_an_import_tells_of_records_that_may_be_one_person(
    stack: FakeServices, read: Read, tmp_path: Path, pairs: int, merged: int, told: str
) -> None:
    file = tmp_path / "roster.zip"
    file.write_bytes(b"PK")
    report = {**REPORT, "matches_proposed": pairs, "merged_by_setting": merged}
    stack.answers[IMPORTS] = (202, imported(report))
    run(["roster", "import", str(file), "--district", "lakewood"])
    assert told in read()[0]


def test_an_import_is_waited_for_and_its_report_is_written(
    stack: FakeServices, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "POLL_SECONDS", 0.0)
    file, table = tmp_path / "roster.zip", tmp_path / "report.csv"
    file.write_bytes(b"PK")
    stack.answers[IMPORTS] = (202, imported(None, "waiting"))
    stack.answers["GET", "/roster/v1/imports/i1"] = [
        (200, imported(None, "running")),
        (200, imported({**REPORT, "problems": [], "problem_count": 0})),
    ]
    stack.answers["GET", "/roster/v1/imports/i1/report"] = (200, "kind,file\r\ntotal,x\r\n")
    command = ["roster", "import", str(file), "--district", "lakewood", "--report", str(table)]
    assert run(command) == Exit.OK
    assert table.read_bytes() == b"kind,file\r\ntotal,x\r\n"
    assert read()[0].startswith("lakewood ")


def watched(stack: FakeServices, tmp_path: Path, *answers: tuple[int, object]) -> tuple[int, Path]:
    """How watching an import ends where the service answers so meanwhile, and its report."""
    file, table = tmp_path / "roster.zip", tmp_path / "report.csv"
    file.write_bytes(b"PK")
    stack.answers[IMPORTS] = (202, imported(None, "waiting"))
    stack.answers["GET", "/roster/v1/imports/i1"] = [
        *answers,
        (200, imported({**REPORT, "problems": [], "problem_count": 0})),
    ]
    table_of = "GET", "/roster/v1/imports/i1/report"
    stack.answers[table_of] = [*answers, (200, "kind,file\r\ntotal,x\r\n")]
    command = ["roster", "import", str(file), "--district", "lakewood", "--report", str(table)]
    return run(command), table


@pytest.mark.parametrize(
    "answer",
    [
        (503, problem(503, "unavailable", "Later.")),
        (429, problem(429, "too_many_requests", "Later.")),
        (502, "no problem of ours"),
    ],
)
def test_an_import_goes_on_while_the_service_cannot_answer(
    stack: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, object]
) -> None:
    monkeypatch.setattr(importing, "POLL_SECONDS", 0.0)
    ended, table = watched(stack, tmp_path, answer, answer)
    assert ended == Exit.OK
    assert table.exists()


def test_but_not_for_ever_and_not_where_it_refuses(
    stack: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(importing, "MOST_LOST", 3)
    away = (503, problem(503, "unavailable", "Later."))
    assert watched(stack, tmp_path, *[away] * 3)[0] == Exit.REFUSED
    assert len(stack.asked) == 4
    assert watched(stack, tmp_path, (403, problem(403, "forbidden", "No.")))[0] == Exit.REFUSED
    assert len(stack.asked) == 6


def test_an_import_that_has_failed_says_why(
    stack: FakeServices, read: Read, tmp_path: Path
) -> None:
    file = tmp_path / "roster.zip"
    file.write_bytes(b"PK")
    failed = imported(None, "failed", code="bad_zip", detail="It is damaged.")
    stack.answers[IMPORTS] = (202, failed)
    assert run(["roster", "import", str(file), "--district", "lakewood"]) == Exit.REFUSED
    assert "bad_zip" in read()[1]
