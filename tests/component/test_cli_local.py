"""What a local stack tells of itself."""

from __future__ import annotations

import json
import re
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.assembly.registry import SERVICES
from services.ctl import console
from services.ctl.__main__ import run
from services.ctl.caseload_table import line
from services.ctl.engines.child import Child, Folder
from services.ctl.exits import Exit
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.screen import screen
from services.ctl.local.stack import PortNumbers, Stack
from tests.support.command_line import ports_of
from tests.support.fake_services import CASELOAD, fake_services

PEOPLE = {"coach": "coach-01", "teacher": "teacher-0001", "admin": "admin-01"}
NOW = datetime(2026, 11, 19, 20)  # noqa: DTZ001 - the watcher's own time


@pytest.mark.parametrize("there", [True, False])
async def test_the_screen_offers_the_demo_only_where_there_is_one(
    tmp_path: Path, there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    write_districts(tmp_path, {**DEMO, "cedar": {}})
    with fake_services() as fake:
        ports = ports_of(fake)
        stack = Stack("k", "m", ports, PEOPLE, 8080)
        fake.answers["GET", "/roster/v1/people"] = (200, {"people": [{}] if there else []})
        fake.answers["GET", "/goals/v1/goals"] = (200, {"goals": []})
        await screen(tmp_path, stack)
    said = capsys.readouterr().out
    first, second = [line.strip() for line in said.splitlines() if line][:2]
    assert "with the districts lakewood, brookfield and cedar." in first
    assert second == "http://127.0.0.1:8080"
    assert str(ports["roster"].rest) not in said
    assert ("demo simulate" in said, "caseload watch" in said) == (there, there)
    assert ("roster import" in said) is not there


def test_where_says_every_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANDEM_LOCAL", str(tmp_path))
    assert run(["where"]) == Exit.NOT_FOUND
    ports = {name: PortNumbers(1, 2, number) for number, name in enumerate(SERVICES)}
    Stack("kafka:9", "mongodb://m", ports, PEOPLE, 8080).save(tmp_path)
    assert run(["where"]) == Exit.OK
    out = capsys.readouterr().out
    assert out.splitlines()[0].strip() == "http://127.0.0.1:8080"
    assert all(f"http://127.0.0.1:1/{each}/v1" in out for each in SERVICES)
    assert "Kafka kafka:9    MongoDB mongodb://m" in out
    assert run(["where", "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert told["address"] == "http://127.0.0.1:8080"
    assert told["services"]["roster"] == {
        "rest": "http://127.0.0.1:1",
        "grpc": "127.0.0.1:2",
        "internal": "http://127.0.0.1:0",
    }


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"last_contact_at": "2026-11-19T09:00:00Z"}, "contact"),
        ({"incomplete": True}, "incomplete: an event is parked"),
        ({"family_name": "Ito"}, "name or school"),
        ({"flags": [{"code": "F2", "evidence_ids": ["o2"]}]}, "attention: F2 (for another reason)"),
        (
            {"due_step": {"step_id": "visit", "due_date": "2026-11-20", "overdue_days": 0}},
            "next step: visit by 2026-11-20",
        ),
        (
            {"due_step": {"step_id": "visit", "due_date": "2026-11-20", "overdue_days": 1}},
            "next step: visit, 1 day late",
        ),
        ({"newest_event_at": "2026-11-19T09:00:00Z"}, "something that is not shown here"),
    ],
)
def test_a_change_says_what_has_changed(changed: dict[str, Any], told: str) -> None:
    before = CASELOAD["entries"][0]
    assert line({**before, **changed}, before, NOW).endswith(f" {told}")


@pytest.mark.parametrize("error", [True, False])
async def test_a_killed_process_is_not_said_to_have_ended_by_what_it_told_before(
    tmp_path: Path, error: bool
) -> None:
    last = json.dumps({"event": "bad", "level": "error"}, separators=(",", ":"))
    says = last if error else "started"
    program = f"import os, signal; os.write(1, {says.encode()!r}); signal.pause()"
    child = Child(Folder(tmp_path / "c"), "goals", [sys.executable, "-c", program])
    try:
        while says not in child.output():
            assert child.returncode is None
        child.kill()
        assert "was ended by SIGKILL" in child.end()
        assert signal.Signals(-int(child.returncode or 0)) is signal.SIGKILL
        assert (says in child.end()) is error
    finally:
        await child.stop()


async def test_the_logs_of_earlier_runs_are_kept_and_not_for_ever(tmp_path: Path) -> None:
    for number in range(6):
        program = f"print('run', {number})"
        child = Child(Folder(tmp_path / "c"), "goals", [sys.executable, "-c", program])
        await child.wait()
        await child.stop()
    logs = {each.name: each.read_text() for each in (tmp_path / "c").glob("*.log")}
    names = ("goals.log", "goals.1.log", "goals.2.log", "goals.3.log")
    assert logs == {name: f"run {5 - ago}\n" for ago, name in enumerate(names)}


@pytest.mark.parametrize("total", [None, 2])
def test_what_is_done_leaves_a_tick_and_its_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], total: int | None
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    with console.progress("starting [red]\x1b[2J", total) as advance:
        advance(1)
    assert re.search(r"(ok|\u2713) starting \[red\]\ufffd\[2J +\d+\.\d s\n$", _bare(capsys))
    with pytest.raises(RuntimeError), console.progress("failing", total):
        raise RuntimeError
    assert "\u2713" not in (said := _bare(capsys))
    assert "ok" not in said


def _bare(capsys: pytest.CaptureFixture[str]) -> str:
    """What stderr was told, without its styles."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
