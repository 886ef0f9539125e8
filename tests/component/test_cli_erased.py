"""What `tandem privacy verify-erasure` says, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer

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
