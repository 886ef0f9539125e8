"""What a run on a cluster has measured is told beside what was promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.kube.report import Report


def load(fresh: float) -> dict[str, Any]:
    ms = {"p99": fresh}
    seen = {"sent": 900, "errors": {}, "changes_seen": 80, "changes_missed": 0}
    return {**seen, "fresh_ms": ms, "write_ms": {"p99": 40.0}}


def test_a_row_that_was_later_than_promised_says_so_and_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    report = Report(file)
    with report.row("installed"):
        pass
    assert "rows under load" not in file.read_text()
    for what, fresh in (("rolled", 1_999.0), ("drained", 2_001.0)):
        with report.row(what) as row:
            row.load(load(fresh))
    rolled, drained = file.read_text().splitlines()[3:5]
    assert rolled.endswith("p99 1999 ms |")
    assert drained.endswith("p99 2001 ms (over 2 s: missed) |")
    assert file.read_text().endswith(
        "\n\nOf 2 rows under load a change was seen within 2 s (p99) in 1.\n"
    )
