"""`tandem roster turn-year`: what a district decides when a school year turns."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator, carried_over
from services.ctl.exits import Exit
from services.ctl.target import Json, Token, Url, addresses, token_for

NOT_YET = "the roster has no session of {year} yet: import the roster of the new year first"


def turn_year(
    district: Annotated[str, typer.Option(help="The district whose year turns.")],
    to_year: Annotated[
        int, typer.Option(min=2000, max=2100, help="The year the new school year ends in.")
    ],
    carry_over: Annotated[
        bool,
        typer.Option(
            "--carry-over/--leave",
            help="Carry over the old year's relationships and programs, or leave them to end.",
            show_default=False,
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say of each what would become of it.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Turn the school year, as an administrator of the district.

    The sessions of the new year come with the roster: without any nothing is done (exit code 7).
    Each relationship, program and circle of the old year is listed with what becomes, or would
    become, of it; of a program that is open also how many are enrolled, who are not carried over.
    Run again, also after it was cut short, it does what is left to do and nothing twice.
    """
    token = token_for(district, token or administrator(district))
    asked = _turn(addresses(url), token, district, to_year, carry_over, dry_run)
    report = asyncio.run(asked)
    if not carry_over:
        report = _left(report)
    report = {"district": district, "to_school_year": to_year, "dry_run": dry_run, **report}
    if as_json:
        console.as_json(report)
    else:
        _show(report)
    if not report["sessions"] or report["left_out"]:
        raise typer.Exit(Exit.PROBLEMS)


async def _turn(
    services: dict[str, str], token: str, district: str, year: int, carry_over: bool, dry_run: bool
) -> dict[str, Any]:
    from services.ctl.client import open_api
    from services.ctl.year_turning import YearTurning

    async with open_api(services) as api:
        found = await api.pages(
            token, "roster", "/academic-sessions", "sessions", district=district
        )
    sessions = sum(each["school_year"] == year for each in found)
    if not sessions:
        nothing: dict[str, Any] = {"relationships": [], "programs": [], "circles": []}
        return {"sessions": 0, **nothing, "left_out": 0}
    looking = dry_run or not carry_over
    body = {"from_school_year": year - 1, "to_school_year": year, "validate_only": looking}
    told = await carried_over(services, token, district, body)
    relationships = [
        {
            "coach_id": each["coach_id"],
            "teacher_id": each["teacher_id"],
            "from_relationship_id": each["from_relationship_id"],
            "becomes": each.get("state") or each["reason"],
            "carried_over": "state" in each,
        }
        for each in (*told["carried_over"], *told["skipped"])
    ]
    relationships.sort(key=lambda each: (each["coach_id"], each["teacher_id"]))
    async with open_api(services) as api:
        turning = YearTurning(api, token, district, year, carry_over, dry_run)
        programs, circles = await turning.programs(), await turning.circles()
    return {
        "sessions": sessions,
        "relationships": relationships,
        "programs": programs,
        "circles": circles,
        "left_out": told["left_out"] + turning.left_out,
    }


def _left(report: dict[str, Any]) -> dict[str, Any]:
    """As nothing is carried over: what could be ends with its year."""
    left = [
        {**each, "becomes": "ends_with_its_year", "carried_over": False}
        if each["carried_over"]
        else each
        for each in report["relationships"]
    ]
    return {**report, "relationships": left}


def _show(report: dict[str, Any]) -> None:
    year = report["to_school_year"]
    if not report["sessions"]:
        console.data(NOT_YET.format(year=f"{year - 1}-{year}"))
        return
    for each in report["relationships"]:
        console.data(f"{each['coach_id']} and {each['teacher_id']}: {each['becomes']}")
    for each in report["programs"]:
        count = each.get("enrolled_count")
        of = "" if count is None else f"; {count} enrolled, to be enrolled anew"
        console.data(f"program {each['name']}: {each['becomes']}{of}")
    for each in report["circles"]:
        console.data(f"{each['kind']} {each['circle_id']}: {each['becomes']}")
    would = "would be " if report["dry_run"] else ""
    counts = ", ".join(
        f"{sum(each['carried_over'] for each in report[of])} of {len(report[of])} {of}"
        for of in ("relationships", "programs", "circles")
    )
    console.data(
        f"{report['district']}, {year - 1}-{year}: {counts} {would}carried over; "
        f"{report['sessions']} sessions"
    )
    if report["left_out"]:
        console.data(f"not readable: {report['left_out']}")
