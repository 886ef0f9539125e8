"""What a newcomer types: the version, completion, a token, a roster to try."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.assembly.service import VERSION
from services.ctl.__main__ import main, run
from services.ctl.commands.roster_sending import HELD
from services.ctl.exits import Exit
from services.roster.imports import problems
from tests.support.command_line import local_stack
from tests.support.fake_services import REPORT, FakeServices, imported, problem
from tests.support.roster_files import Service

ME = ("GET", "/roster/v1/me")
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


def test_the_version(read: Read) -> None:
    assert run(["--version"]) == Exit.OK
    assert read() == (f"tandem {VERSION}\n", "")


@pytest.mark.parametrize(
    ("typed", "offered"), [("tandem ca", ["caseload"]), ("tandem events tail --te", ["--teacher"])]
)
def test_a_shell_is_told_what_may_follow(
    read: Read, monkeypatch: pytest.MonkeyPatch, typed: str, offered: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tandem"])
    for name, value in (
        ("_TANDEM_COMPLETE", "complete_bash"),
        ("COMP_WORDS", typed),
        ("COMP_CWORD", str(typed.count(" "))),
    ):
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert read()[0].split() == offered


@pytest.mark.parametrize(
    ("answer", "warned"),
    [
        ((403, problem(403, "unknown_person", "The caller is not active.")), True),
        ((200, {}), False),
        ((503, problem(503, "unavailable", "Its store is away.")), False),
    ],
)
def test_a_token_of_a_person_whom_the_roster_does_not_know_is_said_to_be_one(
    stack: FakeServices, read: Read, answer: Any, warned: bool
) -> None:
    stack.answers[ME] = answer
    assert run(["token", "--person", "nina", "--district", "brookfield"]) == Exit.OK
    out, err = read()
    told = "tandem: nobody in brookfield's roster is nina, or active there\n"
    assert err == (told if warned else "")
    (asked,) = stack.asked
    assert asked.headers["authorization"] == f"Bearer {out.strip()}"
    stack.asked.clear()
    assert run(["token", "--role", "coach"]) == Exit.OK
    assert not stack.asked


async def test_a_sample_roster_is_one_that_can_be_imported(
    monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    out = io.TextIOWrapper(written := io.BytesIO())
    monkeypatch.setattr(sys, "stdout", out)
    assert run(["roster", "sample", "--teachers", "30"]) == Exit.OK
    out.flush()
    monkeypatch.undo()
    with zipfile.ZipFile(written) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    report = await Service().load(files)
    assert report.problems.listed == []
    assert (report.counts["people"].created, report.counts["classes"].created) == (35, 60)


def test_a_zip_is_not_written_to_a_terminal(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(["roster", "sample"]) == Exit.USAGE
    assert read()[0] == ""


def test_what_is_held_back_is_said_to_be_taken_by_force(
    stack: FakeServices, read: Read, tmp_path: Path
) -> None:
    forced = problems.HELD - {problems.RowCode.TOO_MANY_RECORDS}
    assert forced == HELD
    file = tmp_path / "roster.zip"
    file.write_bytes(b"PK")
    held = {**REPORT["problems"][0], "code": "too_many_removals"}
    for told in (REPORT, {**REPORT, "problems": [held]}):
        stack.answers["POST", "/roster/v1/imports"] = (202, imported(told))
        run(["roster", "import", str(file), "--district", "lakewood"])
        assert ("--allow-removals" in read()[0]) is (told is not REPORT)
