"""Days of school are counted in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from services.assembly.registry import SERVICES

ROOT = Path(__file__).parents[2]
# Who may count days, and why: all others ask these.
OF_DAYS = {
    "services/access/calendar.py",
    "services/access/days.py",
    "services/access/districts.py",
    "services/access/school_year.py",
}
# Spans of hours that no calendar changes: what is a week ago is a week ago in the holidays, too.
ELAPSED = {
    "services/access/sharing/domain.py",
    "services/access/sharing/warnings.py",
    "services/goals/goal/outline.py",
    "services/goals/trial/outline.py",
    "services/insights/caseload/domain/flags.py",
    "services/insights/pair/domain.py",
    "services/observations/observation/duties.py",
    "services/privacy/receipt/duties.py",
    "services/privacy/retention/domain.py",
    "services/programs/training/domain.py",
    "services/roster/courses.py",
    "services/roster/grant/domain.py",
    "services/roster/person/domain.py",
}


def counts_days(text: str) -> Iterator[int]:
    """The lines that add days, or ask which day of the week one is."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        given = {each.arg for each in node.keywords}
        days = node.args and not (isinstance(node.args[0], ast.Constant) and not node.args[0].value)
        adds = name == "timedelta" and (days or given & {"days", "weeks"})
        if adds or name in ("weekday", "isoweekday"):
            yield node.lineno


def test_days_are_counted_in_access_alone() -> None:
    folders = [ROOT / "services" / each for each in ("access", *SERVICES)]
    found = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.rglob("*.py")
        if any(counts_days(path.read_text()))
    }
    assert found <= OF_DAYS | ELAPSED, "ask services/access/calendar.py or days.py"
    assert found >= ELAPSED, "it counts none any more"


def test_what_counts_days_is_found() -> None:
    for text in (
        "due = day + timedelta(days=2)",
        "due = day + datetime.timedelta(2)",
        "day.weekday() < 5",
    ):
        assert list(counts_days(text)) == [1]
    assert not list(counts_days("timedelta(seconds=2), timedelta(0, 2), timedelta()"))
