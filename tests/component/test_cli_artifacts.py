"""`tandem privacy erase-artifact` and `artifact-erasures` against services that answer as told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.ctl.exits import Exit
from tests.component.test_cli_privacy import services, typed
from tests.support.fake_services import FakeServices

__all__ = ["services"]

AT = "/privacy/v1/artifact-erasures"
ORDER: dict[str, Any] = {
    "artifact_erasure_id": "o1",
    "kind": "goal",
    "artifact_id": "g1",
    "person_id": "teacher-1",
    "person_name": "Nora New",
    "state": "pending",
    "ordered_at": "2026-11-02T08:00:00Z",
    "erased": 0,
    "proof": "",
}
SAID = ("--person", "teacher-1", "--reason", "A mistake.")


def test_one_thing_is_ordered_to_be_erased(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers = {("POST", AT): (201, ORDER)}
    assert typed(services, "erase-artifact", "goal", "g1", *SAID) == Exit.OK
    told = "goal g1 of Nora New (teacher-1): pending, ordered 2026-11-02T08:00:00Z\n"
    assert capsys.readouterr().out == told
    assert json.loads(services.asked[0].body) == {
        "kind": "goal", "artifact_id": "g1", "person_id": "teacher-1", "reason": "A mistake.",
    }  # fmt: skip
    assert typed(services, "erase-artifact", "goal", "g1", *SAID, "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == ORDER


def test_orders_are_listed_with_their_proof(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    done = {**ORDER, "state": "done", "erased": 2, "proof": "c0ffee"}
    page = {"artifact_erasures": [done], "next_page_token": "", "left_out": 0}
    services.answers = {("GET", AT): (200, page)}
    assert typed(services, "artifact-erasures", "--person", "teacher-1") == Exit.OK
    assert capsys.readouterr().out.endswith(", 2 erased, proof c0ffee\n")
    assert "person_id=teacher-1" in services.asked[0].path
