"""A report as a table, for whoever mends the system that a file came from."""

from __future__ import annotations

import csv
import io

from services.roster.imports.problems import HELD
from services.roster.imports.resources import ImportReport

COLUMNS = ("kind", "file", "line", "column", "code", "count", "reason")
MATCHES = {
    "proposed": "Pairs of records that may be one person: confirm or dismiss each.",
    "merged_by_setting": "Those of them that the district's settings have merged.",
}


def report_csv(report: ImportReport) -> str:
    """A row for each problem that is listed (`problem`, or `held` for what was held back), for each
    note (`note`, with the number of its rows), for each total (`total`, of a file and a code), and
    where records may be one person (`match`) how many pairs are `proposed`, and
    `merged_by_setting`. No cell is what a spreadsheet would take for a formula."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for each in report.problems:
        kind = "held" if each.code in HELD else "problem"
        rows.writerow((kind, each.file, each.line, each.column, each.code, 1, each.reason))
    for note in report.notes:
        rows.writerow(("note", note.file, "", note.column, note.code, note.rows, note.reason))
    for total in report.totals:
        rows.writerow(("total", total.file, "", "", total.code, total.count, ""))
    for code, pairs in (
        ("proposed", report.matches_proposed),
        ("merged_by_setting", report.merged_by_setting),
    ):
        if pairs:
            rows.writerow(("match", "users.csv", "", "", code, pairs, MATCHES[code]))
    return written.getvalue()
