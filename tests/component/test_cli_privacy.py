"""`tandem privacy` against services that answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.fake_services import FakeServices, fake_services, problem

AT = "/privacy/v1/erasures/nora%40example.org"
ERASURE: dict[str, Any] = {
    "erasure_id": "e1",
    "person_id": "nora@example.org",
    "person_name": "Nora New\x1b[2J",
    "state": "under_way",
    "ordered_at": "2026-11-02T08:00:00Z",
    "carried_out": [{"service": "goals", "erased": 3, "at": "2026-11-02T08:01:00Z"}],
    "awaited": ["programs", "surveys"],
    "done_at": None,
    "proof": "",
    "steps": [
        {
            "step": "ordered",
            "by": "admin-1",
            "by_name": None,
            "at": "2026-11-02T08:00:00Z",
            "reason": "She asked.",
        }
    ],
    "version": 1,
}


RETENTION: dict[str, Any] = {
    "policy_number": 2,
    "round": 9,
    "asked_at": "2026-11-02T08:00:00Z",
    "day": "2026-11-02",
    "erases_from": "2026-11-08T08:00:00Z",
    "waits": "notice",
    "records": [
        {
            "record": "goals",
            "days": 400,
            "said_at": "2026-11-02T08:00:09Z",
            "due": 3,
            "held": 1,
            "later": 0,
            "erased": 0,
            "complete": False,
            "years": [{"school_year": 2024, "records": 4, "goes_on": "2025-08-05"}],
        },
        {
            "record": "looks",
            "days": 400,
            "said_at": None,
            "due": 0,
            "held": 0,
            "later": 0,
            "erased": 0,
            "complete": False,
            "years": [],
        },
    ],
}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def typed(services: FakeServices, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["privacy", *more, *given])


@pytest.mark.parametrize(
    ("typed_as", "asked"),
    [("erase", "order"), ("hold", "hold"), ("release", "release"), ("withdraw", "withdraw")],
)
def test_what_is_typed_is_asked_with_its_reason(
    services: FakeServices, capsys: pytest.CaptureFixture[str], typed_as: str, asked: str
) -> None:
    services.answers = {("POST", f"{AT}/{asked}"): (200, ERASURE)}
    assert typed(services, typed_as, "nora@example.org", "--reason", "She asked.") == Exit.OK
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert told.endswith(
        "(nora@example.org): under_way, ordered 2026-11-02T08:00:00Z, awaited: programs, surveys\n"
    )
    assert json.loads(services.asked[0].body) == {"reason": "She asked."}
    services.answers = {("POST", f"{AT}/{asked}"): (409, problem(409, "under_way", "Too late."))}
    assert typed(services, typed_as, "nora@example.org", "--reason", "x") == Exit.REFUSED


def test_an_order_is_shown_with_its_steps_and_its_proof(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("GET", AT): (200, {**ERASURE, "proof": "c0ffee"})}
    assert typed(services, "erasure", "nora@example.org") == Exit.OK
    told = capsys.readouterr().out.splitlines()
    assert told[1:] == [
        "  goals: 3 erased, 2026-11-02T08:01:00Z",
        "  ordered by admin-1, 2026-11-02T08:00:00Z",
        "    She asked.",
        "  proof: c0ffee",
    ]
    assert typed(services, "erasure", "nora@example.org", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out)["erasure_id"] == "e1"


def test_orders_are_listed(services: FakeServices, capsys: pytest.CaptureFixture[str]) -> None:
    page = {"erasures": [ERASURE], "next_page_token": "", "left_out": 0}
    services.answers = {("GET", "/privacy/v1/erasures"): (200, page)}
    assert typed(services, "erasures", "--state", "under_way") == Exit.OK
    assert "awaited: programs, surveys" in capsys.readouterr().out
    assert "state=under_way" in services.asked[0].path
    services.answers = {("GET", "/privacy/v1/erasures"): (200, {**page, "erasures": []})}
    assert typed(services, "erasures") == Exit.OK
    assert capsys.readouterr().out == "none\n"


def test_retention_says_what_goes_by_when(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("GET", "/privacy/v1/retention"): (200, RETENTION)}
    assert typed(services, "retention") == Exit.OK
    assert capsys.readouterr().out.splitlines() == [
        "Policy 2, round 9 of 2026-11-02.",
        "Nothing is erased before 2026-11-08T08:00:00Z: until then it is counted.",
        "goals: kept for 400 days",
        "  due 3, held 1, later 0, erased 0 (2026-11-02T08:00:09Z)",
        "  there are more: not all were looked at",
        "  2024: 4, from 2025-08-05 on",
        "looks: kept for 400 days",
        "  not counted yet",
    ]
    assert typed(services, "retention", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == RETENTION
    none = {**RETENTION, "records": [], "waits": ""}
    services.answers = {("GET", "/privacy/v1/retention"): (200, none)}
    assert typed(services, "retention") == Exit.OK
    assert capsys.readouterr().out == "Everything is kept for good.\n"


DISCLOSED: dict[str, Any] = {
    "day": "2026-11-02",
    "partner_id": "warehouse",
    "fetched_by": None,
    "fetched_by_name": None,
    "service": "goals",
    "kind": "goal",
    "operation": "list_goals",
    "purpose": "coaching",
    "people": 12,
    "times": 24,
    "first_at": "2026-11-02T08:00:00Z",
    "last_at": "2026-11-02T09:00:00Z",
}


def test_disclosures_are_one_a_line_and_whole_as_json(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = {**DISCLOSED, "kind": "journal", "people": None, "times": 0}
    fetched = {**DISCLOSED, "partner_id": None, "fetched_by": "aide", "people": 1, "times": 1}
    page = {"disclosures": [DISCLOSED, journal, fetched], "next_page_token": "", "left_out": 0}
    services.answers = {("GET", "/privacy/v1/disclosures"): (200, page)}
    assert typed(services, "disclosures", "--from", "2026-11-01") == Exit.OK
    out = capsys.readouterr().out.splitlines()
    assert out[0].endswith("goal of goals by list_goals for coaching, about 12 people, 24 times")
    assert out[1].endswith("about everybody")
    assert out[2].startswith("2026-11-02  aide, for a records request: ")
    assert out[2].endswith("about 1 person")
