"""`tandem roster imports`: what has become of a file is found again by whoever asks later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.ctl import importing
from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.command_line import local_stack
from tests.support.fake_services import REPORT, FakeServices, imported, problem

HERE = ["--district", "lakewood"]
ALL, ONE = ("GET", "/roster/v1/imports"), ("GET", "/roster/v1/imports/i1")
TOLD: dict[str, Any] = {
    "made_at": "2026-09-14T02:30:07.120Z",
    "by": "partner:sis",
    "size": 12_345_678,
    "phase": None,
    "validate_only": False,
    "allow_removals": False,
}
FINE = {**REPORT, "problems": [], "problem_count": 0}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServices]:
    monkeypatch.setattr(importing, "POLL_SECONDS", 0.0)
    with local_stack(monkeypatch, tmp_path) as fake:
        yield fake


def page(*ids: str, after: str = "") -> tuple[int, dict[str, Any]]:
    items = [imported(None, **TOLD) | {"import_id": each} for each in ids]
    return 200, {"imports": items, "next_page_token": after, "left_out": 0}


def test_the_newest_are_listed_each_on_a_line(
    stack: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = page("i1", after="more")
    held = {"validate_only": True, "allow_removals": True}
    failed = {"state": "failed", "code": "bad_zip", "detail": "It is damaged."}
    found["imports"] += [
        imported(None, **{**TOLD, "state": "running", "phase": "writing"}, total=9),
        imported(None, **TOLD | held | failed),
    ]
    stack.answers[ALL] = (code, found)
    assert run(["roster", "imports", "list", *HERE]) == Exit.OK
    assert capsys.readouterr().out.splitlines() == [
        "i1: 2026-09-14T02:30Z by partner:sis, 12.3 MB: done",
        "i1: 2026-09-14T02:30Z by partner:sis, 12.3 MB: writing, 2 of 9 records",
        "i1: 2026-09-14T02:30Z by partner:sis, 12.3 MB: failed, bad_zip: It is damaged., "
        "only checked, all removals allowed",
    ]
    assert len(stack.asked) == 1


def test_of_named_days_all_pages_are_listed(
    stack: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers[ALL] = [page("i3", "i2", after="p2"), page("i1")]
    days = ["--from", "2026-09-01", "--to", "2026-09-30"]
    assert run(["roster", "imports", "list", *HERE, *days, "--json"]) == Exit.OK
    found = json.loads(capsys.readouterr().out)["imports"]
    assert [each["import_id"] for each in found] == ["i3", "i2", "i1"]
    assert all("from_date=2026-09-01&to_date=2026-09-30" in each.path for each in stack.asked)


def test_one_is_shown_as_it_is_now(stack: FakeServices, capsys: pytest.CaptureFixture[str]) -> None:
    waiting = imported(None, **{**TOLD, "state": "waiting"})
    stack.answers[ONE] = [(200, waiting), (200, imported(**TOLD))]
    assert run(["roster", "imports", "show", "i1", *HERE]) == Exit.OK
    assert capsys.readouterr().out.endswith("12.3 MB: waiting\n")
    assert run(["roster", "imports", "show", "i1", *HERE]) == Exit.OK
    assert "users.csv:7 familyName: is missing" in capsys.readouterr().out
    assert run(["roster", "imports", "show", "i2", *HERE]) == Exit.NOT_FOUND


def test_one_that_is_under_way_is_waited_for_and_ends_as_its_import(
    stack: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    running = (200, imported(None, **{**TOLD, "state": "running"}))
    away = (503, problem(503, "unavailable", "Later."))
    command = ["roster", "imports", "show", "i1", *HERE, "--wait"]
    stack.answers[ONE] = [running, away, running, (200, imported(FINE, **TOLD))]
    assert run(command) == Exit.OK
    stack.answers[ONE] = [running, (200, imported(**TOLD))]
    assert run(command) == Exit.PROBLEMS
    failed = {"state": "failed", "code": "bad_zip", "detail": "It is damaged."}
    stack.answers[ONE] = [running, (200, imported(None, **TOLD | failed))]
    assert run(command) == Exit.REFUSED
    assert "bad_zip" in capsys.readouterr().err


def test_a_report_is_had_later_with_all_that_is_listed(
    stack: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = [{**REPORT["problems"][0], "line": each} for each in range(30)]
    stack.answers[ONE] = (200, imported({**REPORT, "problems": problems, "problem_count": 30}))
    stack.answers["GET", f"{ONE[1]}/report"] = (200, "kind,file\r\ntotal,x\r\n")
    command = ["roster", "imports", "report", "i1", *HERE]
    assert run(command) == Exit.OK
    out = capsys.readouterr().out
    assert "users.csv:29 familyName" in out
    assert "more (see" not in out
    assert run([*command, "--csv"]) == Exit.OK
    assert capsys.readouterr().out == "kind,file\ntotal,x\n"
    assert run([*command, "--json"]) == Exit.OK
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 30
    assert run([*command, "--csv", "--json"]) == Exit.USAGE


def test_where_there_is_no_report_yet_it_is_said(
    stack: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers[ONE] = (200, imported(None, **{**TOLD, "state": "waiting"}))
    assert run(["roster", "imports", "report", "i1", *HERE]) == Exit.NOT_FOUND
    assert "it has no report yet: i1: 2026-09-14T02:30Z" in capsys.readouterr().err
