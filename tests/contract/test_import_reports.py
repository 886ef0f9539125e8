"""What is kept of an import's report has a number, and what was kept under each is still read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from services.chassis.kernel import Fault
from services.roster.imports.resources import (
    REPORT_SCHEMA,
    CountsResource,
    ImportReport,
    RowNoteResource,
    RowProblemResource,
    TotalResource,
    report_of,
    stored_report,
)

FOLDER = Path(__file__).parent / "golden" / "roster" / "reports"
REPORT = ImportReport(
    validate_only=True,
    stopped=True,
    counts={
        "people": CountsResource(created=1, changed=2, unchanged=3, removed=4, rejected=5, held=6)
    },
    problems=[
        RowProblemResource(
            file="users.csv", line=7, column="role", code="unknown_role", reason="There is none."
        )
    ],
    problem_count=8,
    totals=[TotalResource(file="users.csv", code="unknown_role", count=8)],
    notes=[
        RowNoteResource(
            file="roles.csv", column="beginDate", code="us_date", reason="Read.", rows=9
        )
    ],
)


def test_what_is_kept_is_as_the_file_of_its_number_says() -> None:
    path = FOLDER / f"report.{REPORT_SCHEMA}.json"
    stored = stored_report(REPORT)
    if os.environ.get("GOLDEN") == "write" and not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(stored, indent=1) + "\n")
    assert json.loads(path.read_text()) == stored, "another shape is another number"
    numbers = {int(each.name.split(".")[1]) for each in FOLDER.iterdir()}
    assert numbers == set(range(1, REPORT_SCHEMA + 1))


@pytest.mark.parametrize("number", range(1, REPORT_SCHEMA + 1))
def test_what_was_kept_under_each_number_is_read(number: int) -> None:
    stored = json.loads((FOLDER / f"report.{number}.json").read_text())
    assert report_of(stored) == REPORT


def test_what_was_kept_before_there_were_numbers_is_read() -> None:
    stored = stored_report(REPORT)
    del stored["schema"]
    assert report_of(stored) == REPORT


@pytest.mark.parametrize("more", [{"schema": REPORT_SCHEMA + 1}, {"seen_by": "nobody"}])
def test_what_a_newer_build_has_kept_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(Fault, match="needs_upgrade"):
        report_of({**stored_report(REPORT), **more})
