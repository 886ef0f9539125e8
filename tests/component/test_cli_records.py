"""`tandem privacy export`: what is held about a person goes into a file, whole or not at all."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.assembly.registry import WRITE_SERVICES
from services.ctl.__main__ import run
from services.ctl.exits import Exit
from services.ctl.records import PAGE
from services.ctl.records_html import HtmlWriter
from tests.support.fake_services import FakeServices, fake_services, problem

HER = "nora@example.org"
GOAL: dict[str, Any] = {
    "teacher": HER,
    "drafted_by": "coach-9",
    "statement": "<script>alert(1)</script> & more\x1b[2J",
    "progress": [{"value": 3.0, "by": "coach-9", "note": "Ask Olga"}, {"by": "admin-4"}],
    "due": "",
}


def thing(part: str = "record", kind: str = "goal", number: int = 1, **content: Any) -> Any:
    said = {"part": part, "kind": kind, "role": "teacher", "of_id": "g1", "number": number}
    return {**said, "at": None, "content": json.dumps(content, separators=(",", ":"))}


def page(*things: Any, more: str = "", left_out: int = 0) -> tuple[int, Any]:
    return 200, {"personal_records": things, "next_page_token": more, "left_out": left_out}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        fake.answers = {("GET", f"/{name}/v1/personal-records"): page() for name in WRITE_SERVICES}
        goals = [page(thing(**GOAL), more="p2"), page(thing(number=2, x=1.50, by=HER))]
        fake.answers["GET", "/goals/v1/personal-records"] = goals
        look = thing("look", "look", viewer="coach-9", partner="sis", person=HER)
        fake.answers["GET", "/privacy/v1/personal-records"] = page(look)
        fake.answers["GET", "/roster/v1/me"] = (200, {"person_id": HER})
        yield fake


def exported(services: FakeServices, file: Path, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["privacy", "export", str(file), *given, *more])


def test_each_service_is_asked_page_by_page_and_each_thing_is_in_the_file(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nora.json"
    assert exported(services, file) == Exit.OK
    assert capsys.readouterr().out == f"{file}: 3 things\n"
    found = json.loads(file.read_text())
    assert (found["district_id"], found["person_id"]) == ("lakewood", HER)
    assert [each["service"] for each in found["records"]] == ["goals", "goals", "privacy"]
    assert found["records"][0]["content"] == GOAL
    assert (found["count"], found["left_out"]) == (3, 0)
    asked = [each.path for each in services.asked[1:]]
    whose = f"person_id=nora%40example.org&page_size={PAGE}"
    assert asked[:4] == [
        f"/roster/v1/personal-records?{whose}",
        f"/programs/v1/personal-records?{whose}",
        f"/goals/v1/personal-records?{whose}",
        f"/goals/v1/personal-records?{whose}&page_token=p2",
    ]
    assert {each.headers["tandem-district"] for each in services.asked} == {"lakewood"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_whose_it_is_can_be_named_and_a_program_is_told_how_much(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nora.json"
    assert exported(services, file, "--person", HER, "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "count": 3, "left_out": 0}
    assert "/roster/v1/me" not in {each.path for each in services.asked}


def test_the_page_calls_others_by_their_part_and_runs_nothing(
    services: FakeServices, tmp_path: Path
) -> None:
    file = tmp_path / "nora.html"
    assert exported(services, file) == Exit.OK
    text = file.read_text()
    for other in ("coach-9", "admin-4"):
        assert other not in text
    assert "drafted_by: person 1<" in text
    assert "progress.1.by: person 1<" in text
    assert "progress.2.by: person 2<" in text
    assert "viewer: person 1<" in text
    assert "partner: sis<" in text
    assert f"teacher: {HER}<" in text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more\ufffd[2J" in text
    assert '<dd class="words">progress.1.note: Ask Olga</dd>' in text
    assert "due" not in text  # nothing is said there
    assert "default-src 'none'" in text
    assert text.endswith("<p>3 things.</p>\n</html>\n")


def test_what_could_not_be_read_is_told(services: FakeServices, tmp_path: Path) -> None:
    services.answers["GET", "/surveys/v1/personal-records"] = page(left_out=2)
    file = tmp_path / "nora.json"
    assert exported(services, file) == Exit.PROBLEMS
    assert json.loads(file.read_text())["left_out"] == 2


def test_where_a_service_refuses_there_is_no_file_and_the_old_one_stays(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["GET", "/surveys/v1/personal-records"] = (
        404,
        problem(404, "not_found", "No."),
    )
    file = tmp_path / "nora.json"
    assert exported(services, file, "--person", HER) == Exit.NOT_FOUND
    assert list(tmp_path.iterdir()) == []
    file.write_text("old")
    assert exported(services, file, "--person", HER) == Exit.NOT_FOUND
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]
    assert "not_found" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nora.txt", "nora", "no/such/folder.json"])
def test_where_it_cannot_be_written_is_told(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert exported(services, tmp_path / name) == Exit.USAGE
    assert Path(name).name in capsys.readouterr().err


def test_a_field_of_one_kind_is_not_taken_for_that_of_another() -> None:
    """Since when a record was held is no person, and the choice of a reason is nobody's words."""
    file = io.StringIO()
    writer = HtmlWriter(file, HER)
    thing = {"part": "record", "role": "", "of_id": "a", "number": 1, "at": None}
    for kind, service, content in (
        ("person", "roster", {"held": "2026-01-01T00:00:00Z"}),
        ("match", "roster", {"reason": "same_email"}),
        ("grant", "roster", {"reason": "She covers for Olga."}),
        ("receipt", "privacy", {"confirmed_by": "admin-01"}),
        ("goal_progress", "goals", {"part": {"by": "coach-9", "note": "Ask Olga"}}),
    ):
        writer.add(service, {**thing, "kind": kind, "content": json.dumps(content)})
    assert [line for line in file.getvalue().splitlines() if line.startswith("<dd")] == [
        "<dd>held: 2026-01-01T00:00:00Z</dd>",
        "<dd>reason: same_email</dd>",
        '<dd class="words">reason: She covers for Olga.</dd>',
        "<dd>confirmed_by: person 1</dd>",
        "<dd>part.by: person 2</dd>",
        '<dd class="words">part.note: Ask Olga</dd>',
    ]
