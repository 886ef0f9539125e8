"""`tandem token`: a bearer token of the local stack's development issuer."""

from __future__ import annotations

import asyncio
import enum
from typing import Annotated

import typer

from services.ctl import console
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.local.stack import DISTRICT
from services.ctl.target import Json, Local, addresses_of, local

ASKED_SECONDS = 3.0


class DemoIdentity(enum.StrEnum):
    COACH = "coach"
    TEACHER = "teacher"
    ADMIN = "admin"


def token(
    person: Annotated[str, typer.Option(help="Roster id of a person.")] = "",
    role: Annotated[
        DemoIdentity | None, typer.Option(help="A demo identity, instead of --person.")
    ] = None,
    partner: Annotated[str, typer.Option(help="Name of a partner, instead of --person.")] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="A scope of the partner, such as goals.read; may be repeated."),
    ] = None,
    district: Annotated[str, typer.Option(help="District of the token.")] = DISTRICT,
    as_json: Json = False,
) -> None:
    """Print a token for a person or a partner. Good for the local stack only.

    Whether the person is in the roster is asked, and said where she is not: the token is hers all
    the same, for she may come with the next import.
    """
    from services.ctl.local.keys import LIFETIME_SECONDS, sign

    if sum(map(bool, (person, role, partner))) != 1:
        raise Stop(Exit.USAGE, "name one of --person, --role and --partner")
    if bool(partner) is not bool(scope):
        raise Stop(Exit.USAGE, "--partner and --scope belong together")
    from services.access.policy import SCOPES

    if unknown := [each for each in scope or () if each not in SCOPES]:
        raise Stop(
            Exit.USAGE, f"there is no scope {unknown[0]}; there are {', '.join(sorted(SCOPES))}"
        )
    here = local()
    here.check_district(district)
    subject = partner or person or here.person(str(role))
    try:
        signed = sign(here.keys, district, subject, tuple(scope or ()))
    except FileNotFoundError:
        raise Stop(Exit.NOT_FOUND, f"there is no key in {here.keys}: run `tandem up`") from None
    if person:
        asyncio.run(_warn(here, signed, district, person))
    if as_json:
        console.as_json(
            {
                "token": signed,
                "subject": subject,
                "district": district,
                "expires_in": LIFETIME_SECONDS,
            }
        )
    else:
        console.data(signed)


async def _warn(here: Local, token: str, district: str, person: str) -> None:
    """Say so where the roster knows no such person. Without an answer nothing is said."""
    from services.ctl.client import open_api

    try:
        async with open_api(addresses_of(here.stack)) as api:
            await api.send(token, "GET", "roster", "/me", timeout=ASKED_SECONDS)
    except Refused as refused:
        if refused.problem == "unknown_person":
            console.error(f"nobody in {district}'s roster is {person}, or active there")
    except Stop:
        pass
