"""`tandem privacy disclosures`: what about people was let read outside, day by day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import all_of, show
from services.ctl.target import Json, Token, Url, addresses, token_for


def disclosures(
    district: Annotated[str, typer.Option(help="Whose people they are.")],
    partner: Annotated[str, typer.Option(help="To this one alone.", show_default=False)] = "",
    first: Annotated[
        str, typer.Option("--from", metavar="DAY", help="The first day.", show_default=False)
    ] = "",
    last: Annotated[
        str, typer.Option("--to", metavar="DAY", help="The last day.", show_default=False)
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List what about people partners' programs and records requests were given, the newest day
    first: which kinds, how often, about how many people. Names nobody of them."""
    params = {"partner_id": partner, "from_date": first, "to_date": last}
    params = {name: value for name, value in params.items() if value}
    by = token_for(district, token or administrator(district))
    found = asyncio.run(all_of(addresses(url), by, district, "disclosures", params, "privacy"))
    show(district, "disclosures", found, line, as_json)


def line(told: Mapping[str, Any]) -> str:
    """One on one line."""
    officer = told["fetched_by_name"] or told["fetched_by"]
    whom = told["partner_id"] or f"{officer}, for a records request"
    people = told["people"]
    many = "everybody" if people is None else "1 person" if people == 1 else f"{people} people"
    often = f", {told['times']} times" if told["times"] > 1 else ""
    what = f"{told['kind']} of {told['service']} by {told['operation']}"
    return f"{told['day']}  {whom}: {what} for {told['purpose']}, about {many}{often}"
