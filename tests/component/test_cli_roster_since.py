"""`tandem roster pull --since last`: since when is asked of the service, which knows what was
pulled and taken before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ctl.commands.roster_pulled import OVERLAP, since_last, written
from services.ctl.commands.roster_sending import Sending
from tests.support.command_line import local_stack
from tests.support.fake_services import REPORT, FakeServices, imported

NOW = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)
IMPORTS = "/roster/v1/imports"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServices]:
    with local_stack(monkeypatch, tmp_path) as fake:
        yield fake


def job(days: float, *, changes: bool = True, **more: Any) -> dict[str, Any]:
    """An import of what was asked for so many days ago."""
    told = {"asked_at": written(NOW - timedelta(days=days)), "changes": changes, **more}
    return imported(None, **{"validate_only": False, **told}) | {"import_id": f"i{days}"}


def since(stack: FakeServices, *jobs: dict[str, Any], stopped: tuple[str, ...] = ()) -> str:
    half = len(jobs) // 2
    pages = [(jobs[:half], "more"), (jobs[half:], "")]
    stack.answers["GET", IMPORTS] = [
        (200, {"imports": items, "next_page_token": after, "left_out": 0}) for items, after in pages
    ]
    for each in jobs:
        report = {**REPORT, "stopped": each["import_id"] in stopped}
        stack.answers["GET", f"{IMPORTS}/{each['import_id']}"] = (200, {**each, "report": report})
    sending = Sending("lakewood", {}, None, "", "", as_json=False)
    return asyncio.run(since_last(sending, NOW))


def ago(days: float) -> str:
    return written(NOW - timedelta(days=days) - OVERLAP)


def test_it_is_since_the_last_one_that_was_taken(stack: FakeServices) -> None:
    by_hand = {**job(0.5), "asked_at": None}
    assert since(stack, by_hand, job(1), job(2), job(3, changes=False)) == ago(1)
    first = stack.asked[0].path
    assert "from_date=2026-11-20" in first, "what is older is not looked at"


@pytest.mark.parametrize(
    "more", [{"validate_only": True}, {"state": "failed"}, {"state": "running"}]
)
def test_what_was_not_taken_does_not_count(stack: FakeServices, more: dict[str, Any]) -> None:
    assert since(stack, job(1, **more), job(2), job(3, changes=False)) == ago(2)


def test_what_was_stopped_does_not_count(stack: FakeServices) -> None:
    jobs = job(1), job(2), job(3, changes=False)
    assert since(stack, *jobs, stopped=("i1",)) == ago(2)


def test_all_is_pulled_where_nothing_was_and_once_a_week(stack: FakeServices) -> None:
    assert since(stack) == ""
    assert since(stack, job(1), job(2)) == "", "no whole one: these lack what went before"
    assert since(stack, job(1), job(6, changes=False)) == ago(1)
    assert since(stack, job(1), job(7, changes=False)) == ""
