"""`tandem privacy`: what is about a person is erased, or held."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.ctl import console
from services.ctl.commands import (
    artifacts,
    disclosures,
    districts_erased,
    erased,
    looks,
    partner,
    policy,
    records,
    retention,
    take_out,
)
from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import all_of, read, send, show
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(
    help="What is about a person is erased, or held; and who looked at it.", no_args_is_help=True
)

District = Annotated[str, typer.Option(help="Whose records they are.")]
Person = Annotated[str, typer.Argument(help="A person, by her id in the roster.")]
Reason = Annotated[str, typer.Option(help="Why, in words: it stays with the order.")]
STATES = "clear, held, under_way or done"


app.command("looks")(looks.looks_)
app.add_typer(policy.app, name="policy")
app.add_typer(partner.app, name="partner")
app.command()(looks.verify)
app.command()(erased.verify_erasure)
app.command()(artifacts.erase_artifact)
app.command()(districts_erased.erase_district)
app.command()(artifacts.artifact_erasures)
app.command()(records.export)
app.command()(take_out.take_out)
app.command()(take_out.take_in)
app.command("check-take-out")(take_out.check)
app.command()(retention.retention)
app.command("disclosures")(disclosures.disclosures)


@app.callback()
def _group() -> None: ...


@app.command()
def erase(
    person: Person,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Order that everything about a person's coaching that was begun before is erased, for good."""
    _do(url, token, district, person, "order", reason, as_json)


@app.command()
def hold(
    person: Person,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Place a legal hold: nothing about a person is erased before it is released."""
    _do(url, token, district, person, "hold", reason, as_json)


@app.command()
def release(
    person: Person,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Lift a legal hold: what was ordered meanwhile is erased from now on."""
    _do(url, token, district, person, "release", reason, as_json)


@app.command()
def withdraw(
    person: Person,
    district: District,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Take back an order that is held."""
    _do(url, token, district, person, "withdraw", reason, as_json)


@app.command()
def erasure(
    person: Person, district: District, url: Url = "", token: Token = "", as_json: Json = False
) -> None:
    """Show what was ordered about a person: how far it is, the proof, and what people did."""
    asked = read(addresses(url), _token(district, token), district, _path(person), "privacy")
    told = asyncio.run(asked)
    if as_json:
        console.as_json(told)
        return
    console.data(line(told))
    for each in told["carried_out"]:
        console.data(f"  {each['service']}: {each['erased']} erased, {each['at']}")
    for each in told["steps"]:
        console.data(f"  {each['step']} by {each['by_name'] or each['by']}, {each['at']}")
        console.data(f"    {each['reason']}")
    if told["proof"]:
        console.data(f"  proof: {told['proof']}")


@app.command()
def erasures(
    district: District,
    state: Annotated[str, typer.Option(help=f"{STATES}.", show_default=False)] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List about whom something was ordered or held, what changed last first."""
    params = {"state": state} if state else {}
    by = _token(district, token)
    found = asyncio.run(all_of(addresses(url), by, district, "erasures", params, "privacy"))
    show(district, "erasures", found, line, as_json)


def line(erasure: Mapping[str, Any]) -> str:
    """An order on one line."""
    name, person = erasure["person_name"], erasure["person_id"]
    who = f"{name} ({person})" if name else person
    waits = f", awaited: {', '.join(erasure['awaited'])}" if erasure["awaited"] else ""
    ordered = f", ordered {erasure['ordered_at']}" if erasure["ordered_at"] else ""
    return f"{who}: {erasure['state']}{ordered}{waits}"


def _path(person: str) -> str:
    return f"/erasures/{quote(person, safe='')}"


def _do(
    url: str, token: str, district: str, person: str, how: str, reason: str, as_json: bool
) -> None:
    path, body = f"{_path(person)}/{how}", {"reason": reason}
    asked = send(addresses(url), _token(district, token), district, path, body, of="privacy")
    told = asyncio.run(asked)
    if as_json:
        console.as_json(told)
    else:
        console.data(line(told))


def _token(district: str, token: str) -> str:
    return token_for(district, token or administrator(district))
