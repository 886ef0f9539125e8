"""`tandem roster people`: who works in the district before any roster file says so."""

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

app = typer.Typer(help="People whom no roster file has yet.", no_args_is_help=True)

District = Annotated[str, typer.Option(help="The district in which they work.")]
Person = Annotated[
    str, typer.Argument(help="The id by which she signs in, or will be in the roster file.")
]


@app.callback()
def _group() -> None: ...


@app.command()
def add(
    person: Person,
    district: District,
    given_name: Annotated[str, typer.Option(help="Her given name.")],
    family_name: Annotated[str, typer.Option(help="Her family name.")],
    org: Annotated[str, typer.Option(help="The school at which she teaches.")],
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Add a teacher whom no roster file has yet: she can be coached at once.

    The first file that has her says all of her from then on; without one she leaves after 60 days.
    """
    body = {"given_name": given_name, "family_name": family_name, "org_id": org}
    _told(_put(url, _token(district, token), district, person, body), as_json)


@app.command("list")
def list_(
    district: District,
    org: Annotated[str, typer.Option(help="Only who works there.", show_default=False)] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Those whom a roster file has, too.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List whom no roster file has yet, by id."""
    params = {"org_id": org} if org else {}
    params |= {} if every else {"provisional": "true"}
    by = token_for(district, token or administrator(district))
    found = asyncio.run(all_of(addresses(url), by, district, "people", params))
    show(district, "people", found, line, as_json)


@app.command()
def correct(
    person: Person,
    district: District,
    given_name: Annotated[str, typer.Option(help="Her given name.", show_default=False)] = "",
    family_name: Annotated[str, typer.Option(help="Her family name.", show_default=False)] = "",
    org: Annotated[
        str, typer.Option(help="The school at which she teaches.", show_default=False)
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say anew who was added by hand. What is not named stays as it is; she stays no longer."""
    by = _token(district, token)
    known = asyncio.run(read(addresses(url), by, district, _path(person)))
    schools = [each["org_id"] for each in known["roles"]]
    body = {
        "given_name": given_name or known["given_name"],
        "family_name": family_name or known["family_name"],
        "org_id": org or (schools[0] if schools else ""),
    }
    _told(_put(url, by, district, person, body), as_json)


@app.command()
def withdraw(
    person: Person,
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Take back that somebody was added: she leaves the roster. What was done with her stays."""
    path = f"{_path(person)}/withdraw"
    asked = send(addresses(url), _token(district, token), district, path, None)
    _told(asyncio.run(asked), as_json)


def line(person: Mapping[str, Any]) -> str:
    """A person on one line."""
    held = ", ".join(f"{each['role']} at {each['org_id']}" for each in person["roles"])
    until = person["provisional_until"]
    waits = f", until {until[:10]} unless a roster file has her" if until else ""
    gone = " (left)" if person["status"] == "removed" else ""
    name = f"{person['given_name']} {person['family_name']}"
    return f"{person['person_id']}: {name}, {held}{waits}{gone}"


def _put(url: str, token: str, district: str, person: str, body: Mapping[str, Any]) -> Any:
    path = f"{_path(person)}/provisional"
    return asyncio.run(send(addresses(url), token, district, path, body, method="PUT"))


def _path(person: str) -> str:
    return f"/people/{quote(person, safe='')}"


def _told(person: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        console.as_json(person)
    else:
        console.data(line(person))


def _token(district: str, token: str) -> str:
    return token_for(district, token or administrator(district))
