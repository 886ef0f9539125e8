"""Of `tandem privacy`: one thing that is about a person is erased."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.roster_things import send, show
from services.ctl.target import Json, Token, Url, addresses, token_for

PATH, NOUN = "/artifact-erasures", "artifact_erasures"
KINDS = (
    "goal, strategy, trial, walk, observation, administration, coaching_session or planning_entry"
)


def erase_artifact(
    kind: Annotated[str, typer.Argument(help=f"{KINDS}.")],
    artifact: Annotated[str, typer.Argument(help="Which one, by its id.")],
    person: Annotated[str, typer.Option(help="About whom it is, by her id in the roster.")],
    district: Annotated[str, typer.Option(help="Whose record it is.")],
    reason: Annotated[str, typer.Option(help="Why, in words: it stays with the order.")],
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Order that one thing about a person is erased, for good, with what hangs on it.

    A class's survey is an administration. By the person's own token it goes only where it is hers
    alone. It begins 45 seconds later, and under a legal hold it waits.
    """
    body = {"kind": kind, "artifact_id": artifact, "person_id": person, "reason": reason}
    by = token_for(district, token or administrator(district))
    told = asyncio.run(send(addresses(url), by, district, PATH, body, of="privacy"))
    if as_json:
        console.as_json(told)
    else:
        console.data(line(told))


def artifact_erasures(
    district: Annotated[str, typer.Option(help="Whose records they are.")],
    person: Annotated[str, typer.Option(help="About whom.", show_default=False)] = "",
    state: Annotated[
        str, typer.Option(help="pending, under_way, done, not_found or withdrawn.")
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List what was ordered about single things, the newest first, how far it is, and the proof."""
    asked = {"person_id": person, "state": state}
    params = {name: value for name, value in asked.items() if value}
    by, services = token_for(district, token or administrator(district)), addresses(url)

    async def work() -> list[Any]:
        from services.ctl.client import open_api

        async with open_api(services) as api:
            return await api.pages(by, "privacy", PATH, NOUN, params, district=district)

    show(district, NOUN, asyncio.run(work()), line, as_json)


def line(order: Mapping[str, Any]) -> str:
    """An order on one line."""
    name, person = order["person_name"], order["person_id"]
    who = f"{name} ({person})" if name else person
    what = f"{order['kind']} {order['artifact_id']} of {who}: {order['state']}"
    ordered = f"{what}, ordered {order['ordered_at']}"
    proof = f", {order['erased']} erased, proof {order['proof']}" if order["proof"] else ""
    return ordered + proof
