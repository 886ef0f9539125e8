"""`tandem standards` on files, and against a service that answers as it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.case_files import package


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "case.json"
    place.write_text(json.dumps(package(3)))
    return place


def test_a_file_is_looked_through_before_anything_is_sent(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["standards", "import", str(file), "--district", "north", "--dry-run"]
    assert run(given) == Exit.OK
    assert capsys.readouterr().out == "Mathematics, grade 7: 3 standards would be imported\n"
    assert run([*given, "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["standard_count"] == 3


def test_a_mistake_is_told_with_its_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = package(3)
    found["CFItems"][2]["fullStatement"] = ""
    file.write_text(json.dumps(found))
    assert run(["standards", "import", str(file), "--district", "north"]) == Exit.PROBLEMS
    said = capsys.readouterr()
    assert said.out == ""
    assert "case.json: CFItems[2].fullStatement: " in said.err
