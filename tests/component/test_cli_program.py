"""`tandem program` against a service that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.fake_services import FakeServices, fake_services

STEP = {
    "step_id": "visit",
    "title": "Visit",
    "actor": "coach",
    "need": "required",
    "repeats_after": 5,
}
SIZE = {"enrolled_count": 24, "size_band": "under_100", "small_n": 10}
STAGES = [{"title": "The loop", "steps": [STEP]}]
PROGRAM: dict[str, Any] = {
    "program_id": "p-1",
    "name": "Talk \x1b[31m",
    "state": "enrolling",
    "school_year": 2027,
    "template": "weekly-steps",
    "leads": [{"lead_id": "lead-1"}],
    "success_criteria": [{"statement": "They talk"}],
    "stages": STAGES,
    "deviations": [{"step_id": "visit", "deviation": "skipped", "reason": "Testing week"}],
}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def program(services: FakeServices, *typed: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["program", *typed, *given])


def test_a_program_is_shown_with_its_steps_and_where_it_differs(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["GET", "/programs/v1/programs/p-1"] = (200, PROGRAM)
    services.answers["GET", "/programs/v1/programs/p-1/size"] = (200, SIZE)
    assert program(services, "show", "p-1") == Exit.OK
    head, *rest = capsys.readouterr().out.splitlines()
    assert "\x1b" not in head
    assert head.endswith("enrolling, 2026-2027 by weekly-steps, led by lead-1")
    assert rest == [
        "teachers enrolled: 24",
        "success: They talk",
        "The loop",
        "  visit: Visit (coach, required, every 5 days); skipped: Testing week",
    ]
    assert program(services, "show", "p-1", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {**PROGRAM, "size": SIZE}


def test_programs_are_listed_in_one_state(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    page = {"programs": [PROGRAM], "next_page_token": "", "left_out": 0}
    services.answers["GET", "/programs/v1/programs"] = (200, page)
    assert program(services, "list", "--state", "enrolling") == Exit.OK
    assert "p-1: " in capsys.readouterr().out
    assert "state=enrolling" in str(services.asked[0])


def test_templates_are_listed_and_shown(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    weekly = {"process_template_id": "weekly-steps", "title": "Weekly steps"}
    page = {"process_templates": [{**weekly, "step_count": 7}], "next_page_token": ""}
    services.answers["GET", "/programs/v1/process-templates"] = (200, page)
    path = "/programs/v1/process-templates/weekly-steps"
    services.answers["GET", path] = (200, {**weekly, "stages": STAGES})
    assert program(services, "templates") == Exit.OK
    assert capsys.readouterr().out == "weekly-steps: Weekly steps, 7 steps\n"
    assert program(services, "templates", "weekly-steps") == Exit.OK
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "weekly-steps: Weekly steps"
    assert told[-1].startswith("  visit: Visit")


def test_what_there_is_not_is_told(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program(services, "show", "p-2") == Exit.NOT_FOUND
