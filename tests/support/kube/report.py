"""What a run on a cluster has measured, as rows of a table."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HEAD = "| What | Seconds | Load | Result |\n|---|---|---|---|\n"


PROMISED_MS = 2_000  # a change is seen so soon, p99, whatever is done to the cluster meanwhile
MISSED = "over 2 s: missed"


class Row:
    def __init__(self) -> None:
        self.result = ""

    def load(self, report: Mapping[str, Any]) -> None:
        """What became of the requests meanwhile."""
        fresh, writes = report["fresh_ms"], report["write_ms"]
        self.result = (
            f"{report['sent']:,} requests, {sum(report['errors'].values())} errors; "
            f"{report['changes_seen']:,} changes seen live, {report['changes_missed']} missed; "
            f"write p99 {writes['p99']:.0f} ms, seen by the coach p99 {fresh['p99']:.0f} ms"
        )
        if fresh["p99"] > PROMISED_MS:
            self.result += f" ({MISSED})"


class Report:
    """Of the rows that there are so far, in `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows = HEAD

    @contextmanager
    def row(self, what: str) -> Iterator[Row]:
        """A row for what takes this long, with the load of the machine at its end, unless it
        fails."""
        began, row = time.monotonic(), Row()
        yield row
        seconds, load = time.monotonic() - began, os.getloadavg()[0]
        self._rows += f"| {what} | {seconds:.0f} | {load:.0f} | {row.result} |\n"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._rows + self._promise())

    def _promise(self) -> str:
        """How often the promise of freshness was kept. A timing fails no run, and is told."""
        loads, missed = self._rows.count("seen by the coach p99"), self._rows.count(MISSED)
        if not loads:
            return ""
        kept = loads - missed
        return f"\nOf {loads} rows under load a change was seen within 2 s (p99) in {kept}.\n"


def assert_nobody_noticed(report: Mapping[str, Any]) -> None:
    assert report["sent"] > 100
    assert report["errors"] == {}
    assert report["changes_seen"] > 50
    assert report["changes_missed"] == 0
