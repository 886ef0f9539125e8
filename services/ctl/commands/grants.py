"""`tandem grants`: roles that a district gives beside those of its roster."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from services.ctl import roster_things
from services.ctl.exits import Exit, Stop
from services.ctl.roster_things import DryRun, all_of, check_orgs, known_people, send, show, tell
from services.ctl.target import TOKEN, Json, Token, Url, addresses, local, token_for

app = typer.Typer(
    help="Roles that a district gives beside those of its roster.", no_args_is_help=True
)
SOON = 30  # days in which a grant ends, by default

District = Annotated[str, typer.Option(help="The district whose grants they are.")]
Reason = Annotated[str, typer.Option(help="Why, in words: it stays with the grant.")]
Orgs = Annotated[
    list[str] | None,
    typer.Option("--org", help="Reaches who holds a role of the roster there; may be repeated."),
]
Teachers = Annotated[
    list[str] | None, typer.Option("--teacher", help="A teacher whom it reaches; may be repeated.")
]
Day = Annotated[str, typer.Option(help="YYYY-MM-DD", metavar="DAY", show_default=False)]
KEPT = ("org_ids", "person_ids", "end_date")  # of a grant that is changed


@app.callback()
def _group() -> None: ...


@app.command()
def give(
    person: Annotated[str, typer.Argument(help="Who is given the role.")],
    role: Annotated[
        str,
        typer.Argument(
            help="coach, external_coach, program_lead, facilitator, school_leader, safeguarding or"
            " records_officer."
        ),
    ],
    district: District,
    reason: Reason,
    org: Orgs = None,
    teacher: Teachers = None,
    first: Day = "",
    last: Day = "",
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Give somebody a role for some schools or teachers, as an administrator of the district.

    It counts from --first (default: today) to --last (default: until it is ended).
    """
    body: dict[str, Any] = {"person_id": person, "role": role, "reason": reason}
    body |= {"org_ids": org or [], "person_ids": teacher or []}
    body |= {"begin_date": first} if first else {}
    body |= {"end_date": last} if last else {}
    by = addresses(url), _token(district, token), district
    asked = _would(*by, body) if dry_run else send(*by, "/grants", body)
    tell(asyncio.run(asked), line, as_json, dry_run)


@app.command("list")
def list_(
    district: District,
    person: Annotated[str, typer.Option(help="Whose they are.", show_default=False)] = "",
    org: Annotated[str, typer.Option(help="Which org they reach.", show_default=False)] = "",
    owner: Annotated[
        str, typer.Option(help="Who gave them, or changed them last.", show_default=False)
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Those that were ended or are over, too.")
    ] = False,
    ending_by: Annotated[
        str,
        typer.Option(
            metavar="DAY",
            help=f"Only those whose last day is from today up to this one; `soon`: in {SOON} days.",
            show_default=False,
        ),
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the grants of a district, the newest first, or those that end, the next to end first."""
    soon = (datetime.now(UTC) + timedelta(days=SOON)).date()
    by = str(soon) if ending_by == "soon" else ending_by
    params = {"person_id": person, "org_id": org, "owner_id": owner, "ending_by": by}
    params |= {} if every else {"state": "open"}
    params = {name: value for name, value in params.items() if value}
    found = asyncio.run(all_of(addresses(url), _token(district, token), district, "grants", params))
    show(district, "grants", found, line, as_json)


@app.command()
def change(
    grant: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    reason: Reason,
    org: Orgs = None,
    teacher: Teachers = None,
    first: Day = "",
    last: Annotated[
        str,
        typer.Option(
            metavar="DAY", help="YYYY-MM-DD, or `open`: until it is ended.", show_default=False
        ),
    ] = "",
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Change whom a grant reaches, or its days. What is not named stays as it is."""
    changed: dict[str, Any] = {"reason": reason}
    changed |= {"org_ids": org} if org is not None else {}
    changed |= {"person_ids": teacher} if teacher is not None else {}
    changed |= {"begin_date": first} if first else {}
    changed |= {"end_date": None if last == "open" else last} if last else {}
    by = addresses(url), _token(district, token), district
    asked = roster_things.change(*by, f"grants/{grant}", KEPT, changed, dry_run)
    tell(asyncio.run(asked), line, as_json, dry_run)


@app.command()
def end(
    grant: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    reason: Reason,
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """End a grant before its last day: it counts no more from now on."""
    by = addresses(url), _token(district, token), district
    asked = roster_things.end(*by, f"grants/{grant}", {"reason": reason}, dry_run)
    tell(asyncio.run(asked), line, as_json, dry_run)


def line(grant: Mapping[str, Any]) -> str:
    """A grant on one line."""
    reaches = ", ".join([*grant["org_ids"], *grant["person_ids"]])
    until = grant["end_date"] or "until it is ended"
    days = f"{grant['begin_date']} to {until}" if grant["end_date"] else until
    who = grant["person_name"] or grant["person_id"]
    ended = "" if grant["state"] == "open" else " (ended)"
    ended = " (ends soon)" if grant.get("ends_soon") else ended
    return f"{grant['grant_id']}: {who}, {grant['role']} for {reaches}, {days}{ended}"


async def _would(
    services: Mapping[str, str], token: str, district: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The grant that would be given, where all whom it names are there. Raises Stop."""
    who, org_ids, teachers = body["person_id"], body["org_ids"], body["person_ids"]
    names = await known_people(services, token, district, [who, *teachers])
    await check_orgs(services, token, district, org_ids)
    if not (org_ids or teachers):
        raise Stop(Exit.REFUSED, "it reaches nobody: name orgs or teachers")
    today = str(datetime.now(UTC).date())
    days = {"begin_date": body.get("begin_date", today), "end_date": body.get("end_date")}
    return {"grant_id": "new", **body, **days, "person_name": names[who], "state": "open"}


def _token(district: str, token: str) -> str:
    """The token given, else one of the local demo's administrator."""
    if not token:
        here = local(TOKEN)
        here.check_district(district)
        token = here.token(here.person("admin"), district)
    return token_for(district, token)
