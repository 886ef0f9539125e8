"""`tandem relationships`: what a district does with many relationships at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.exits import Exit
from services.ctl.target import TOKEN, Json, Token, Url, addresses, local, token_for

app = typer.Typer(help="A district's coaching relationships.", no_args_is_help=True)
SHOWN = 20
Year = Annotated[int, typer.Option(min=2000, max=2100, help="The year that school year ends in.")]


@app.callback()
def _group() -> None: ...


@app.command("carry-over")
def carry_over(
    district: Annotated[str, typer.Option(help="The district whose relationships they are.")],
    from_year: Year,
    to_year: Year,
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Say what would be, change nothing.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Carry over a school year's relationships to the next, as an administrator of the district.

    Whether teachers are asked again is the district's setting. Interrupted, run it again: nothing
    is carried over twice. What the service could not read is counted (exit code 7).
    """
    token = token_for(district, token or administrator(district))
    body = {
        "from_school_year": from_year,
        "to_school_year": to_year,
        "validate_only": validate_only,
    }
    report = asyncio.run(carried_over(addresses(url), token, district, body))
    if as_json:
        console.as_json({"district": district, **report})
    else:
        _show(report, f"{district}, {to_year - 1}-{to_year}")
    if report["left_out"]:
        raise typer.Exit(Exit.PROBLEMS)


def administrator(district: str) -> str:
    """A token of the local demo's."""
    here = local(TOKEN)
    here.check_district(district)
    return here.token(here.person("admin"), district)


async def carried_over(
    services: dict[str, str], token: str, district: str, body: dict[str, Any]
) -> Any:
    from services.ctl.client import open_api

    report: dict[str, Any] = {
        "validate_only": body["validate_only"],
        "carried_over": [],
        "skipped": [],
        "left_out": 0,
    }
    page = ""
    with console.progress("carrying over", None) as advance:
        async with open_api(services) as api:
            while True:
                asked = {**body, "page_token": page}
                answer = await api.send(
                    token, "POST", "programs", "/relationships/carry-over", asked, district=district
                )
                for name in ("carried_over", "skipped", "left_out"):
                    report[name] += answer.body[name]
                advance(len(answer.body["carried_over"]) + len(answer.body["skipped"]))
                page = answer.body["next_page_token"]
                if not page:
                    return report


def _show(report: dict[str, Any], place: str) -> None:
    would = "would be " if report["validate_only"] else ""
    states = Counter(each["state"] for each in report["carried_over"])
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    console.data(f"{place}: {told or 'none'} {would}carried over")
    reasons = Counter(each["reason"] for each in report["skipped"])
    for reason, count in sorted(reasons.items()):
        console.data(f"skipped, {reason}: {count}")
    listed = [each for each in report["skipped"] if each["reason"] != "already_there"]
    for each in listed[:SHOWN]:
        console.data(f"{each['coach_id']} and {each['teacher_id']}: {each['reason']}")
    if len(listed) > SHOWN:
        console.data(f"... and {len(listed) - SHOWN} more (see --json)")
    if report["left_out"]:
        console.data(f"not readable: {report['left_out']}")
