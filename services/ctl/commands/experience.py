"""`tandem roster experience`: how long people have been in the profession, kept in bands."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.ctl import console
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json, Token, Url, addresses, token_for

if TYPE_CHECKING:
    from services.ctl.experience_csv import ExperienceFile

SHOWN = 20
TOGETHER = 500  # rows in one request


def experience(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV file: person_id, and years or start_date; other columns are passed over.",
            dir_okay=False,
        ),
    ],
    district: Annotated[str, typer.Option(help="The district that the file is of.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and report, change nothing.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say how long people have been in the profession. Only a band of years is kept.

    Wrong rows are listed and the rest is taken (exit code 7). The same file again changes nothing,
    and one that broke off is finished by it.
    """
    from services.ctl.experience_csv import read_experience

    try:
        found = read_experience(file.read_bytes())
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{file}: {error.strerror}") from None
    report: dict[str, Any] = {
        "district": district,
        "rows": len(found.rows) + len(found.problems),
        "dry_run": dry_run,
        "changed": 0,
        "unchanged": 0,
    }
    problems = [asdict(each) for each in found.problems]
    if found.rows:
        token = token_for(district, token, "experience.write")
        told = asyncio.run(_state(addresses(url), token, district, found, dry_run))
        report |= {name: told[name] for name in ("changed", "unchanged")}
        problems += told["problems"]
    problems.sort(key=lambda each: int(each["line"]))
    report["problems"] = problems
    report["notes"] = [
        {"column": column, "rows": rows, "reason": reason}
        for (column, reason), rows in sorted(found.notes.items())
    ]
    if as_json:
        console.as_json(report)
    else:
        _show(file, report)
    if problems:
        raise typer.Exit(Exit.PROBLEMS)


async def _state(
    services: dict[str, str], token: str, district: str, found: ExperienceFile, dry_run: bool
) -> dict[str, Any]:
    from services.ctl.client import open_api

    told: dict[str, Any] = {"changed": 0, "unchanged": 0, "problems": []}
    with console.progress("stating experience", len(found.rows)) as advance:
        async with open_api(services) as api:
            for start in range(0, len(found.rows), TOGETHER):
                part = found.rows[start : start + TOGETHER]
                body = {"rows": [row for _, row in part], "validate_only": dry_run}
                answer = await api.send(
                    token, "POST", "roster", "/experience", body, district=district
                )
                told["changed"] += answer.body["changed"]
                told["unchanged"] += answer.body["unchanged"]
                told["problems"] += [
                    {
                        "line": part[each["row"]][0],
                        "column": "",
                        "code": each["code"],
                        "reason": each["reason"],
                    }
                    for each in answer.body["rejected"]
                ]
                advance(len(part))
    return told


def _show(file: Path, report: dict[str, Any]) -> None:
    would = "would be " if report["dry_run"] else ""
    told = f"{report['changed']} {would}in another band, {report['unchanged']} as before"
    console.data(f"{report['district']}: {told}, {len(report['problems'])} rows rejected")
    for each in report["problems"][:SHOWN]:
        place = f"{file.name}:{each['line']}" if each["line"] else file.name
        column = f" {each['column']}" if each["column"] else ""
        console.data(f"{place}{column}: {each['reason']}")
    if len(report["problems"]) > SHOWN:
        console.data(f"... and {len(report['problems']) - SHOWN} more (see --json)")
    for each in report["notes"]:
        rows = f"{each['rows']} row{'s' if each['rows'] > 1 else ''}"
        console.data(f"note: {each['column']}, {rows}: {each['reason']}")
