"""`tandem privacy retention`: what is erased by when, since it is kept for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import read
from services.ctl.target import Json, Token, Url, addresses, token_for

_WAITS = {
    "notice": "Nothing is erased before {erases_from}: until then it is counted.",
    "holds": "Nothing is erased: there are more legal holds than one round can tell of.",
    "": "What has had its time is erased, once a day.",
}


def retention(
    district: Annotated[str, typer.Option(help="Whose records they are.")],
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show what is erased by when, as the data-use policy says: a dry run, numbers of nobody."""
    by = token_for(district, token or administrator(district))
    told = asyncio.run(read(addresses(url), by, district, "/retention", "privacy"))
    if as_json:
        console.as_json(told)
        return
    for line in lines(told):
        console.data(line)


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The report for people."""
    if not told["records"]:
        yield "Everything is kept for good."
        return
    yield f"Policy {told['policy_number']}, round {told['round']} of {told['day']}."
    yield _WAITS.get(told["waits"], "Nothing is erased: {waits}.").format(**told)
    for each in told["records"]:
        yield from _class(each)


def _class(each: Mapping[str, Any]) -> Iterator[str]:
    yield f"{each['record']}: kept for {each['days']} days"
    if each["said_at"] is None:
        yield "  not counted yet"
        return
    numbers = ("due", "held", "later", "erased")
    yield f"  {', '.join(f'{name} {each[name]}' for name in numbers)} ({each['said_at']})"
    if not each["complete"]:
        yield "  there are more: not all were looked at"
    for year in each["years"]:
        yield f"  {year['school_year']}: {year['records']}, from {year['goes_on']} on"
