"""Of `tandem privacy`: who looked at what is about a person, and whether her list is whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.exits import Exit, Stop
from services.ctl.looks import Backwards
from services.ctl.target import TOKEN, Json, Token, Url, addresses, local, token_for

District = Annotated[str, typer.Option(help="Your district.")]
Day = Annotated[str, typer.Option(metavar="DAY", help="YYYY-MM-DD.", show_default=False)]
PAGE = 200


def looks_(
    district: District,
    kind: Annotated[str, typer.Option(help="Of this kind, such as goal.", show_default=False)] = "",
    viewer: Annotated[str, typer.Option(help="By this person.", show_default=False)] = "",
    first: Day = "",
    last: Day = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List who looked at what is about you, the newest first.

    With your own token; on a local stack as a teacher of the demo.
    """
    params = {"kind": kind, "viewer_id": viewer, "from_date": first, "to_date": last}
    params = {name: value for name, value in params.items() if value}
    asyncio.run(_shown(addresses(url), own_token(district, token), district, params, as_json))


def verify(
    district: District,
    since: Annotated[
        str,
        typer.Option(
            metavar="NUMBER:HASH",
            help="Where it ended when you last looked: notices whether the end was taken away.",
            show_default=False,
        ),
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Check that nothing was taken out of the list of who looked, or changed in it (exit code 7).

    Remember the end that it prints, and say it the next time with --since.
    """
    checked = Backwards(_end(since) if since else None)
    asked = _checked(addresses(url), own_token(district, token), district, checked)
    asyncio.run(asked)
    if as_json:
        console.as_json(
            {
                "district": district,
                "looks": checked.count,
                "begins_after": _told(checked),
                "end": checked.end,
                "wrong": checked.wrong,
            }
        )
    elif checked.wrong:
        console.data(f"broken: {checked.wrong}")
    else:
        begins = f", begins after {_told(checked)}" if checked.begins_after[0] else ""
        ends = f"ends in {checked.end or 'nothing'}"
        console.data(f"{checked.count} looks, unbroken{begins}, {ends}")
    if checked.wrong:
        raise typer.Exit(Exit.PROBLEMS)


async def _shown(
    services: Mapping[str, str], token: str, district: str, params: dict[str, str], as_json: bool
) -> None:
    found: list[Any] = []
    begins_after = None
    async for page in _pages(services, token, district, params):
        found += page["looks"]
        begins_after = page.get("begins_after")
    if as_json:
        console.as_json({"district": district, "looks": found, "begins_after": begins_after})
        return
    for each in found:
        console.data(line(each))
    if not found:
        console.data("none")


async def _checked(
    services: Mapping[str, str], token: str, district: str, checked: Backwards
) -> None:
    """Page by page: nothing of a long list stays in memory."""
    async for page in _pages(services, token, district, {}):
        for each in page["looks"]:
            checked.add(each)
        if page.get("begins_after"):  # which an older service does not say
            checked.begins_after = _end(page["begins_after"])
    checked.done()


def _told(checked: Backwards) -> str:
    number, hash_ = checked.begins_after
    return f"{number}:{hash_}" if number else ""


async def _pages(
    services: Mapping[str, str], token: str, district: str, params: dict[str, str]
) -> AsyncIterator[Mapping[str, Any]]:
    from services.ctl.client import open_api

    asked: dict[str, Any] = {**params, "page_size": PAGE}
    async with open_api(services) as api:
        while True:
            answer = await api.send(
                token, "GET", "privacy", "/looks", params=asked, district=district
            )
            yield answer.body
            asked["page_token"] = answer.body["next_page_token"]
            if not asked["page_token"]:
                return


def line(look: Mapping[str, Any]) -> str:
    """A look on one line."""
    who = look["viewer_name"] or look["viewer_id"] or f"the program {look['partner_id']}"
    how = look["relation"] if look["decision"] == "allowed" else "refused"
    often = f", {look['times']} times" if look["times"] > 1 else ""
    grant = f" by the grant {look['grant_id']}" if look["grant_id"] else ""
    what = f"{look['kind']} ({look['service']}, {look['operation']})"
    return f"{look['number']}: {look['last_at']} {who}, {how}{grant}: {what}{often}"


def _end(text: str) -> tuple[int, str]:
    number, colon, hash_ = text.partition(":")
    if not (number.isdecimal() and colon and hash_):
        raise Stop(Exit.USAGE, "--since: it is the NUMBER:HASH that `verify` has printed")
    return int(number), hash_


def own_token(district: str, token: str) -> str:
    """The token given, else one of a teacher of the local demo."""
    if not token:
        here = local(TOKEN)
        here.check_district(district)
        token = here.token(here.person("teacher"), district)
    return token_for(district, token)
