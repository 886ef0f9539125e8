"""What `tandem privacy verify-erasure` says, and how it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from services.ctl.__main__ import run
from services.ctl.commands.districts_erased import tell as tell_district
from services.ctl.commands.erased import tell
from services.ctl.exits import Exit

FOUND = {"service": "goals", "place": "journal", "aggregate": "g", "says": "g:1: GoalDrafted"}


def report(**more: Any) -> dict[str, Any]:
    return {
        "person": "teacher-1",
        "district": "north",
        "state": "done",
        "erased": {"goals": 2, "surveys": 1},
        "looked": {"rows": 9, "builds": 15},
        "to_dos": 3,
        "left": 0,
        "told": [],
        **more,
    }


def test_where_nothing_is_left_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    tell(report(), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "teacher-1: done; erased: 2 of goals, 1 of surveys",
        "looked through: 15 builds, 9 rows; 3 to-dos still name what was erased",
        "nothing says more of it",
    ]


def test_where_something_is_left_it_names_the_place_and_ends_with_7(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended:
        tell(report(left=1, told=[FOUND]), as_json=False)
    assert ended.value.exit_code == Exit.PROBLEMS
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "  goals/journal g: g:1: GoalDrafted",
        "1 say more than that it is gone",
    ]


def test_an_order_that_is_not_done_is_not_shown_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        tell(report(state="under_way"), as_json=True)
    assert ended.value.exit_code == Exit.PROBLEMS
    assert json.loads(capsys.readouterr().out) == report(state="under_way")


DELETED = {"goals": {"aggregates": 2, "journal": 7}, "insights": {}}


def test_what_was_deleted_of_a_district_is_told_and_until_when_kafka_has_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    at = datetime(2026, 11, 3, 8, tzinfo=UTC)
    tell_district(
        {"district": "moor", "erased_at": at, "deleted": DELETED, "left": {}}, as_json=False
    )
    assert capsys.readouterr().out.splitlines() == [
        "goals: 2 of aggregates, 7 of journal",
        "insights: nothing",
        "moor was erased at 2026-11-03T08:00:00+00:00; one record says so",
        "its events are in Kafka until 2026-12-08, and in backups as long as these are kept",
    ]


def test_a_district_that_is_still_served_is_no_end(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 11, 3, 8, tzinfo=UTC)
    left = {"goals": {"aggregates": 1}}
    with pytest.raises(typer.Exit) as ended:
        tell_district(
            {"district": "moor", "erased_at": at, "deleted": DELETED, "left": left}, as_json=True
        )
    assert ended.value.exit_code == Exit.PROBLEMS
    assert json.loads(capsys.readouterr().out)["left"] == left


def test_of_a_district_that_is_not_named_twice_nothing_is_deleted() -> None:
    where = ("privacy", "erase-district", "moor", "--mongodb-uri", "mongodb://127.0.0.1:9")
    assert run([*where, "--confirm", "more"]) == Exit.USAGE
