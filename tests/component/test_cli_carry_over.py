"""`tandem relationships carry-over` against a service that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from services.ctl.local import keys
from tests.support.fake_services import FakeServices, fake_services, problem

PATH = "/programs/v1/relationships/carry-over"


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def carry(services: FakeServices, *more: str) -> int:
    years = ["--from-year", "2027", "--to-year", "2028"]
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["relationships", "carry-over", *years, *given, *more])


def page(teachers: list[int], reasons: list[str], **more: Any) -> dict[str, Any]:
    return {
        "validate_only": False,
        "carried_over": [
            {"coach_id": "coach-01", "teacher_id": f"teacher-{each}", "state": "active"}
            for each in teachers
        ],
        "skipped": [
            {"coach_id": "coach-02", "teacher_id": f"teacher-{number}", "reason": reason}
            for number, reason in enumerate(reasons)
        ],
        "left_out": 0,
        "next_page_token": "",
        **more,
    }


def test_it_says_what_was_carried_over_and_what_was_skipped_and_why(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["POST", PATH] = (200, page([1, 2], ["already_there", "not_active"]))
    assert carry(services) == Exit.OK
    assert capsys.readouterr().out.splitlines() == [
        "lakewood, 2027-2028: 2 active carried over",
        "skipped, already_there: 1",
        "skipped, not_active: 1",
        "coach-02 and teacher-1: not_active",
    ]
    (asked,) = services.asked
    assert asked.headers["authorization"] == "Bearer t"
    assert asked.headers["tandem-district"] == "lakewood"
    assert json.loads(asked.body) == {
        "from_school_year": 2027,
        "to_school_year": 2028,
        "validate_only": False,
        "page_token": "",
    }


def test_it_goes_on_to_the_last_page(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["POST", PATH] = [
        (200, page([1], ["not_active"], next_page_token="more")),
        (200, page([2], [], left_out=1)),
    ]
    assert carry(services, "--json") == Exit.PROBLEMS
    said = json.loads(capsys.readouterr().out)
    assert said["district"] == "lakewood"
    assert [each["teacher_id"] for each in said["carried_over"]] == ["teacher-1", "teacher-2"]
    assert (len(said["skipped"]), said["left_out"]) == (1, 1)
    assert [json.loads(each.body)["page_token"] for each in services.asked] == ["", "more"]


def test_a_trial_says_that_it_is_one(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["POST", PATH] = (200, page([], ["not_a_coach"] * 30))
    assert carry(services, "--validate-only") == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "lakewood, 2027-2028: none would be carried over",
        "skipped, not_a_coach: 30",
    ]
    assert (len(lines), lines[-1]) == (23, "... and 10 more (see --json)")
    assert json.loads(services.asked[0].body)["validate_only"] is True


def test_a_token_of_another_district_is_refused_before_anything_is_sent(
    services: FakeServices, tmp_path: Path
) -> None:
    keys.ensure_key(tmp_path)
    token = keys.sign(tmp_path, "brookfield", "admin-01")
    assert carry(services, "--token", token) == Exit.USAGE
    assert services.asked == []


def test_a_refusal_ends_it(services: FakeServices, capsys: pytest.CaptureFixture[str]) -> None:
    told = problem(422, "years_not_adjacent", "Relationships are carried over.")
    services.answers["POST", PATH] = (422, told)
    assert carry(services) == Exit.REFUSED
    assert "years_not_adjacent" in capsys.readouterr().err
    assert carry(services, "--to-year", "soon") == Exit.USAGE
