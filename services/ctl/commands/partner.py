"""`tandem privacy partner`: which partners' programs a district lets read its data."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import all_of, read, send, show
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(help="Partners' programs: registered, suspended, revoked.", no_args_is_help=True)

District = Annotated[str, typer.Option(help="Whose data it is.")]
Partner = Annotated[str, typer.Argument(help="A client, as its tokens name it.")]
Reason = Annotated[str, typer.Option(help="Why, in words: it stays with the registration.")]
STATES = "active, suspended or revoked"


@app.callback()
def _group() -> None: ...


@app.command()
def register(
    partner: Partner,
    district: District,
    title: Annotated[str, typer.Option(help="What it is called.")],
    scope: Annotated[list[str], typer.Option(help="What its tokens open at most; repeat it.")],
    contact: Annotated[str, typer.Option(help="Whom to ask at the partner's.")],
    until: Annotated[str, typer.Option(help="From then on they open nothing.")] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Register a partner's program: its tokens open these scopes and no others."""
    body = {"partner_id": partner, "title": title, "scopes": scope, "contact": contact}
    told = body | ({"until": until} if until else {})
    _do(url, token, district, "/partners", told, as_json)


@app.command()
def suspend(
    partner: Partner,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Its tokens open nothing until it is resumed."""
    _do(url, token, district, f"{_path(partner)}/suspend", {"reason": reason}, as_json)


@app.command()
def resume(
    partner: Partner,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Its tokens count again."""
    _do(url, token, district, f"{_path(partner)}/resume", {"reason": reason}, as_json)


@app.command()
def revoke(
    partner: Partner,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Its tokens open nothing any more, for good."""
    _do(url, token, district, f"{_path(partner)}/revoke", {"reason": reason}, as_json)


@app.command("show")
def show_(
    partner: Partner, district: District, url: Url = "", token: Token = "", as_json: Json = False
) -> None:
    """Show what its tokens open, and what people did with it."""
    asked = read(addresses(url), _token(district, token), district, _path(partner), "privacy")
    told = asyncio.run(asked)
    if as_json:
        console.as_json(told)
        return
    console.data(line(told))
    console.data(f"  contact: {told['contact']}")
    for each in told["steps"]:
        console.data(f"  {each['step']} by {each['by_name'] or each['by']}, {each['at']}")
        if each["reason"]:
            console.data(f"    {each['reason']}")


@app.command("list")
def list_(
    district: District,
    state: Annotated[str, typer.Option(help=f"{STATES}.", show_default=False)] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the partners of a district, the newest first."""
    params = {"state": state} if state else {}
    by = _token(district, token)
    found = asyncio.run(all_of(addresses(url), by, district, "partners", params, "privacy"))
    show(district, "partners", found, line, as_json)


def line(partner: Mapping[str, Any]) -> str:
    """A partner on one line."""
    until = f", until {partner['until']}" if partner["until"] else ""
    scopes = ", ".join(partner["scopes"]) or "no scope"
    return f"{partner['title']} ({partner['partner_id']}): {partner['state']}, {scopes}{until}"


def _path(partner: str) -> str:
    return f"/partners/{quote(partner, safe='')}"


def _do(url: str, token: str, district: str, path: str, body: Any, as_json: bool) -> None:
    asked = send(addresses(url), _token(district, token), district, path, body, of="privacy")
    told = asyncio.run(asked)
    if as_json:
        console.as_json(told)
    else:
        console.data(line(told))


def _token(district: str, token: str) -> str:
    return token_for(district, token or administrator(district))
