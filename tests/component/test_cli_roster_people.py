"""`tandem roster people` and `tandem roster matches` against services that answer as they are
told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.fake_services import FakeServices, fake_services, problem

PEOPLE, MATCHES = "/roster/v1/people", "/roster/v1/matches"
NORA: dict[str, Any] = {
    "person_id": "nora@example.org",
    "given_name": "Nora",
    "family_name": "New\x1b[2J",
    "roles": [{"role": "teacher", "org_id": "school-1"}],
    "status": "active",
    "provisional_until": "2026-12-04T08:00:00Z",
    "version": 1,
}
AT = f"{PEOPLE}/nora%40example.org"
MATCH: dict[str, Any] = {
    "match_id": "m1",
    "from_person_id": "old",
    "from_person_name": "Ann Able",
    "into_person_id": "new",
    "into_person_name": None,
    "reason": "staff_number",
    "both_active": True,
    "state": "proposed",
    "staying_grant_ids": [],
    "staying_cover_ids": [],
    "staying_more": 0,
    "version": 1,
}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def typed(services: FakeServices, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["roster", *more, *given])


def page(noun: str, *items: Any) -> tuple[int, Any]:
    return 200, {noun: list(items), "next_page_token": "", "left_out": 0}


def asked(services: FakeServices) -> list[tuple[str, str, Any]]:
    return [
        (each.method, each.path, json.loads(each.body) if each.body else None)
        for each in services.asked
    ]


def test_somebody_is_added_and_told(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("PUT", f"{AT}/provisional"): (200, NORA)}
    names = ["--given-name", "Nora", "--family-name", "New", "--org", "school-1"]
    assert typed(services, "people", "add", "nora@example.org", *names) == Exit.OK
    body = {"given_name": "Nora", "family_name": "New", "org_id": "school-1"}
    assert asked(services) == [("PUT", f"{AT}/provisional", body)]
    assert services.asked[0].headers["idempotency-key"]
    assert capsys.readouterr().out == (
        "nora@example.org: Nora New\ufffd[2J, teacher at school-1, until 2026-12-04 unless a"
        " roster file has her\n"
    )


def test_what_is_not_named_of_her_stays(services: FakeServices) -> None:
    services.answers = {("GET", AT): (200, NORA), ("PUT", f"{AT}/provisional"): (200, NORA)}
    words = ["people", "correct", "nora@example.org", "--org", "school-2"]
    assert typed(services, *words) == Exit.OK
    body = {"given_name": "Nora", "family_name": NORA["family_name"], "org_id": "school-2"}
    assert asked(services)[1] == ("PUT", f"{AT}/provisional", body)


def test_she_is_withdrawn_and_a_refusal_is_told(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    left = {**NORA, "status": "removed", "provisional_until": None, "roles": []}
    services.answers = {("POST", f"{AT}/withdraw"): (200, left)}
    assert typed(services, "people", "withdraw", "nora@example.org", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out)["status"] == "removed"
    refused = (409, problem(409, "in_the_roster_file", "The roster file says who she is."))
    services.answers = {("POST", f"{AT}/withdraw"): refused}
    assert typed(services, "people", "withdraw", "nora@example.org") == Exit.REFUSED
    assert "in_the_roster_file" in capsys.readouterr().err


def test_people_are_listed(services: FakeServices, capsys: pytest.CaptureFixture[str]) -> None:
    services.answers = {("GET", PEOPLE): page("people", NORA)}
    assert typed(services, "people", "list", "--org", "school-1") == Exit.OK
    assert "nora@example.org: Nora" in capsys.readouterr().out
    query = services.asked[0].path.partition("?")[2]
    assert {"org_id=school-1", "provisional=true"} <= set(query.split("&"))
    services.answers = {("GET", PEOPLE): page("people")}
    assert typed(services, "people", "list", "--all") == Exit.OK
    assert capsys.readouterr().out == "none\n"
    assert "provisional" not in services.asked[1].path
    assert typed(services, "people", "list", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"district": "lakewood", "people": []}


def test_matches_are_listed(services: FakeServices, capsys: pytest.CaptureFixture[str]) -> None:
    services.answers = {("GET", MATCHES): page("matches", MATCH)}
    assert typed(services, "matches", "list", "--person", "old") == Exit.OK
    assert capsys.readouterr().out == (
        "m1: Ann Able (old) into new, the same staff number, both in the roster (proposed)\n"
    )
    query = services.asked[0].path.partition("?")[2]
    assert {"person_id=old", "state=proposed"} <= set(query.split("&"))
    services.answers = {("GET", MATCHES): page("matches")}
    assert typed(services, "matches", "list", "--all") == Exit.OK
    assert capsys.readouterr().out == "none\n"
    assert "state" not in services.asked[1].path
    assert typed(services, "matches", "list", "--state", "merged", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"district": "lakewood", "matches": []}


def test_a_match_is_proposed_and_decided(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("POST", MATCHES): (201, MATCH)}
    assert typed(services, "matches", "propose", "old", "new") == Exit.OK
    for how, state in (("confirm", "merged"), ("dismiss", "dismissed"), ("separate", "separated")):
        told = {**MATCH, "state": state, "both_active": False}
        services.answers = {("POST", f"{MATCHES}/m1/{how}"): (200, told)}
        assert typed(services, "matches", how, "m1") == Exit.OK
        assert capsys.readouterr().out.endswith(f"same staff number ({state})\n")
    assert asked(services)[0] == (
        "POST",
        MATCHES,
        {"from_person_id": "old", "into_person_id": "new"},
    )
    refused = (409, problem(409, "not_proposed", "Only what is proposed can be decided."))
    services.answers = {("POST", f"{MATCHES}/m1/confirm"): refused}
    assert typed(services, "matches", "confirm", "m1", "--json") == Exit.REFUSED


def test_a_separation_tells_what_is_to_be_looked_at(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    stays = {"staying_grant_ids": ["g1"], "staying_cover_ids": ["c1"], "staying_more": 2}
    services.answers = {("POST", f"{MATCHES}/m1/separate"): (200, {**MATCH, **stays})}
    assert typed(services, "matches", "separate", "m1") == Exit.OK
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [each.split()[-2:] for each in lines] == [
        ["grant", "g1"],
        ["cover", "c1"],
        ["2", "more"],
    ]
