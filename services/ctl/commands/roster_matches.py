"""`tandem roster matches`: records of the roster that may be one person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import all_of, send, show
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(help="Records of the roster that may be one person.", no_args_is_help=True)

District = Annotated[str, typer.Option(help="The district whose records they are.")]
MatchId = Annotated[str, typer.Argument(help="Its id.", metavar="MATCH")]
STATES = "proposed, merged, dismissed or separated"
REASONS = {
    "stated": "somebody says so",
    "master_identifier": "the same master identifier",
    "staff_number": "the same staff number",
    "email": "the same e-mail",
}


@app.callback()
def _group() -> None: ...


@app.command("list")
def list_(
    district: District,
    person: Annotated[
        str, typer.Option(help="A record, whichever is given up.", show_default=False)
    ] = "",
    state: Annotated[str, typer.Option(help=f"{STATES}.")] = "proposed",
    every: Annotated[bool, typer.Option("--all", help="In whatever state.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List which records may be one person and wait for somebody to decide, the newest first."""
    asked = {"person_id": person, "state": "" if every else state}
    params = {name: value for name, value in asked.items() if value}
    by = _token(district, token)
    found = asyncio.run(all_of(addresses(url), by, district, "matches", params))
    show(district, "matches", found, line, as_json)


@app.command()
def propose(
    given_up: Annotated[str, typer.Argument(help="The record that is given up.", metavar="FROM")],
    kept: Annotated[str, typer.Argument(help="The record that is kept.", metavar="INTO")],
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say that two records may be one person. Nothing is changed before it is confirmed."""
    body = {"from_person_id": given_up, "into_person_id": kept}
    _do(url, token, district, "/matches", body, as_json)


@app.command()
def confirm(
    match: MatchId,
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """They are one person: what is of the record that is given up is the other's from now on."""
    _decide(url, token, district, match, "confirm", as_json)


@app.command()
def dismiss(
    match: MatchId,
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """They are two people: no import proposes them again."""
    _decide(url, token, district, match, "dismiss", as_json)


@app.command()
def separate(
    match: MatchId,
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """They were merged by mistake: the record that was given up has again what was its own.

    What was given to the other one meanwhile stays with it and is listed: look whether it is meant.
    """
    _decide(url, token, district, match, "separate", as_json)


def line(match: Mapping[str, Any]) -> str:
    """A match on one line."""
    here = f"{_who(match, 'from_person')} into {_who(match, 'into_person')}"
    why = REASONS.get(match["reason"], match["reason"])
    twice = ", both in the roster" if match["both_active"] else ""
    return f"{match['match_id']}: {here}, {why}{twice} ({match['state']})"


def stays(match: Mapping[str, Any]) -> list[str]:
    """What stays with the record that was kept, though it may have been meant for the other."""
    found = [f"stays, look at it: grant {each}" for each in match["staying_grant_ids"]]
    found += [f"stays, look at it: cover {each}" for each in match["staying_cover_ids"]]
    return found + ([f"and {match['staying_more']} more"] if match["staying_more"] else [])


def _who(match: Mapping[str, Any], side: str) -> str:
    name, id_ = match[f"{side}_name"], match[f"{side}_id"]
    return f"{name} ({id_})" if name else str(id_)


def _decide(url: str, token: str, district: str, match: str, how: str, as_json: bool) -> None:
    _do(url, token, district, f"/matches/{quote(match, safe='')}/{how}", None, as_json)


def _do(
    url: str, token: str, district: str, path: str, body: dict[str, Any] | None, as_json: bool
) -> None:
    asked = send(addresses(url), _token(district, token), district, path, body)
    told = asyncio.run(asked)
    if as_json:
        console.as_json(told)
    else:
        console.data(line(told))
        for each in stays(told):
            console.data(f"  {each}")


def _token(district: str, token: str) -> str:
    return token_for(district, token or administrator(district))
