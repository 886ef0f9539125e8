"""`tandem roster import`: what it sends and what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.command_line import local_stack
from tests.support.fake_services import REPORT, FakeServices

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
    stack.answers[IMPORTS] = (200, REPORT)
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
    stack.answers[IMPORTS] = (200, {**REPORT, "problems": [], "problem_count": 0})
    assert run(command) == Exit.OK
    assert "note: roles.csv beginDate, 2 rows: read as month/day" in read()[0]
    stack.answers[IMPORTS] = (200, {**REPORT, "stopped": True})
    assert run([*command, "--allow-removals"]) == Exit.PROBLEMS
    out, _ = read()
    assert out.startswith("lakewood, would be ")
    assert "nothing was changed: the file would remove so much that it looks broken" in out
    stack.answers[IMPORTS] = (200, {**REPORT, "problems": [], "problem_count": 0})
    assert run([*command, "--json"]) == Exit.OK
    assert json.loads(read()[0])["counts"]["people"]["created"] == 2
    read()
    assert run(["roster", "import", str(tmp_path / "no.zip"), "--district", "d"]) == Exit.NOT_FOUND
    assert run(["roster", "import", str(file), "--district", "maple"]) == Exit.NOT_FOUND
    assert "there is no district maple; there are lakewood" in read()[1]
