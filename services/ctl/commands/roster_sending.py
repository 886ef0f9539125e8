"""A roster's file on its way: sent, waited for, and what became of it shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.ctl import console
from services.ctl.client_tokens import Client, Tokens, always
from services.ctl.target import addresses, token_for

SHOWN = 20
Watch = Callable[[Mapping[str, Any]], None]
# The codes of what the service would do if it were forced.
HELD = frozenset(
    ("too_many_removals", "unreadable_row", "too_many_roles_lost", "too_many_leave",
     "class_loses_teacher", "class_loses_people")
)  # fmt: skip


# Of a noun's records, and what they are called here.
COLUMNS = {
    "created": "added",
    "changed": "changed",
    "unchanged": "unchanged",
    "removed": "removed",
    "rejected": "rows rejected",
    "held": "held back",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """Where a district's files go, and what is asked of their imports. `report`: the file that it
    is written to as CSV. `client`: by whose credentials tokens are asked for, in place of the
    `token`."""

    district: str
    options: Mapping[str, bool | str]
    report: Path | None
    url: str
    token: str
    as_json: bool
    client: Client | None = None

    async def send(self, content: bytes) -> Mapping[str, Any]:
        """The report. Raises Stop."""
        tokens = self.tokens()
        job, table = await self._import(addresses(self.url), tokens, content)
        if self.report is not None:
            write = self.report.write_text
            await asyncio.to_thread(write, table, encoding="utf-8", newline="")
        told: Mapping[str, Any] = job["report"]
        if self.as_json:
            console.as_json({"district": self.district, "import_id": job["import_id"], **told})
        else:
            show_report(self.district, told)
        return told

    def tokens(self) -> Tokens:
        """Raises Stop."""
        return self.client or always(token_for(self.district, self.token, "roster.write"))

    async def _import(
        self, services: dict[str, str], tokens: Tokens, content: bytes
    ) -> tuple[dict[str, Any], str]:
        from services.ctl.client import open_api
        from services.ctl.importing import import_file, report_table

        with watching() as watch:
            async with open_api(services) as api:
                job = await import_file(api, tokens, self.district, content, self.options, watch)
                told = ""
                if self.report is not None:
                    told = await report_table(api, tokens, self.district, job["import_id"])
        return job, told


@contextmanager
def watching() -> Iterator[Watch]:
    """A bar of what is written, for whoever is told of an import now and then."""
    written = 0
    with console.progress("importing the roster", None) as advance:

        def watch(job: Mapping[str, Any]) -> None:
            nonlocal written
            advance(job["done"] - written)
            written = job["done"]

        yield watch


def show_report(district: str, report: Mapping[str, Any], most: int = SHOWN) -> None:
    """The report of an import, with the first problems, at `most` so many."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    only_told = report["validate_only"] or report["stopped"]
    table.add_column(f"{district}, would be" if only_told else district)
    for name in COLUMNS.values():
        table.add_column(name, justify="right")
    for noun, counts in report["counts"].items():
        cells = (noun.replace("_", " "), *(counts[name] for name in COLUMNS))
        table.add_row(*map(console.plain, cells))
    console.show(table)
    if report["stopped"]:
        console.data("nothing was changed: the file would remove so much that it looks broken")
    problems = report["problems"]
    for each in problems[:most]:
        place = f"{each['file']}:{each['line']}" if each["line"] else each["file"]
        column = f" {each['column']}" if each["column"] else ""
        console.data(f"{place}{column}: {each['reason']}")
    if report["problem_count"] > most:
        console.data(f"... and {report['problem_count'] - most} more (see --json)")
    if not HELD.isdisjoint(each["code"] for each in problems):
        console.data("what is held back is taken with --allow-removals, if that is meant")
    if report.get("matches_proposed"):
        _show_matches(report)
    for each in report.get("notes", ()):
        rows = f"{each['rows']} row{'s' if each['rows'] > 1 else ''}"
        console.data(f"note: {each['file']} {each['column']}, {rows}: {each['reason']}")


def _show_matches(report: Mapping[str, Any]) -> None:
    pairs, merging = report["matches_proposed"], report["merged_by_setting"]
    told = "1 pair of records" if pairs == 1 else f"{pairs} pairs of records"
    by_setting = f", {merging} of them by the district's settings" if merging else ""
    console.data(f"{told} may be one person{by_setting}: see `tandem roster matches list`")
