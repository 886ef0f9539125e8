"""`tandem tree` on files, and against a service that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from services.goals.tree.tree_file import SHIPPED, read_tree
from tests.support.fake_services import FakeServices, fake_services


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def test_a_file_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tree", "check", str(SHIPPED)]) == Exit.OK
    told = "From a mathematics discussion to a goal: 10 steps, 4 of them ends\n"
    assert capsys.readouterr().out == told
    assert run(["tree", "check", str(SHIPPED), "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["ends"] == 4


def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = SHIPPED.read_text().replace("leads_to: goal-time}", "leads_to: nowhere}", 1)
    file = tmp_path / "tree.yaml"
    file.write_text(lines)
    wrong = next(n for n, line in enumerate(lines.splitlines(), 1) if "nowhere" in line)
    for command in ("check", "draw"):
        assert run(["tree", command, str(file)]) == Exit.PROBLEMS
        said = capsys.readouterr()
        assert said.out == ""
        assert f"tree.yaml:{wrong}: steps.4.answers.0.leads_to: leads_nowhere" in said.err


def test_a_file_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tree", "check", "/nowhere/tree.yaml"]) == Exit.PROBLEMS
    assert "No such file" in capsys.readouterr().err


def test_a_file_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tree", "draw", str(SHIPPED)]) == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "flowchart TD"
    assert len([line for line in lines if "-.->" in line]) == 2


def test_what_is_exported_or_ships_is_read_again(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = read_tree(SHIPPED)
    tree = {"tree_id": "t-1", "state": "published", **said.model_dump(mode="json")}
    services.answers["GET", "/goals/v1/trees/t-1"] = (200, tree)
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    export = ["tree", "export", "t-1", *given]
    for name, typed in (
        ("a.yaml", export),
        ("b.json", [*export, "--json"]),
        ("c.yaml", ["tree", "shipped"]),
    ):
        assert run(typed) == Exit.OK
        file = tmp_path / name
        file.write_text(capsys.readouterr().out)
        assert read_tree(file) == said


def test_a_tree_that_there_is_not_is_told(services: FakeServices) -> None:
    services.answers["GET", "/goals/v1/trees/none"] = (404, {"code": "not_found", "title": "No"})
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    assert run(["tree", "export", "none", *given]) == Exit.NOT_FOUND
