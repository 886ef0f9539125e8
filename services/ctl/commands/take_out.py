"""Of `tandem privacy`: a teacher takes her goals along to another Tandem."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.looks import District, own_token
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.records import written
from services.ctl.roster_things import DryRun
from services.ctl.take_out import TakenGoal, check_hers, document_of, goals_in, wrong_in
from services.ctl.target import Json, Token, Url, addresses

TRIES = 3  # where something has changed while it was fetched
TWICE = "idempotency_key_reused"
File = Annotated[Path, typer.Argument(help="The take-out.")]
Key = Annotated[
    str,
    typer.Option(
        help="The public key of the Tandem that has made it, as you were told by its people.",
        show_default=False,
    ),
]


def take_out(
    file: File, district: District, url: Url = "", token: Token = "", as_json: Json = False
) -> None:
    """Write your goals and how far you came into a file that is signed, to take along."""
    told = asyncio.run(write_take_out(addresses(url), own_token(district, token), district, file))
    if as_json:
        console.as_json({"file": str(file), **told})
    else:
        console.data(f"{file}: {told['parts']} parts, signed by {told['key']}")


def check(file: File, key: Key = "", as_json: Json = False) -> None:
    """Check that a take-out is what its Tandem has signed; asks no service."""
    signed = _known(file, key)
    if as_json:
        console.as_json({name: signed[name] for name in signed if name != "parts"})
    else:
        _tell_whose(signed, key)


def take_in(
    file: File,
    district: District,
    key: Key = "",
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Draft your open goals of a take-out in this district; done again it changes nothing.

    What is closed, and the values of all of them, stay in the file, which is yours.
    """
    signed = _known(file, key)
    if not as_json:
        _tell_whose(signed, key)
    services, by = addresses(url), own_token(district, token)
    found = asyncio.run(take_in_goals(services, by, district, file, dry_run))
    if as_json:
        console.as_json({"district": district, "goals": found, "dry_run": dry_run})
        return
    for each in found:
        console.data(f"{each['goal_id']}: {each['became']}: {each['statement']}")


async def write_take_out(
    services: Mapping[str, str], token: str, district: str, place: Path
) -> Mapping[str, Any]:
    """How many parts it has, and by which key it is signed. Raises Stop; then there is no file."""
    from services.ctl.client import open_api

    async with open_api(services) as api:
        for _ in range(TRIES):
            answer = await api.send(token, "GET", "goals", "/take-out", district=district)
            parts = await api.pages(token, "goals", "/take-out/parts", "parts", district=district)
            contents = {each["part_id"]: each["content"] for each in parts}
            document = {"take_out": answer.body, "contents": contents}
            if not wrong_in(document):
                with written(place) as file:
                    json.dump(document, file, ensure_ascii=False, indent=1)
                return {"parts": len(contents), "key": answer.body["key"]}
    raise Stop(Exit.PROBLEMS, "your goals change while they are fetched: try again")


async def take_in_goals(
    services: Mapping[str, str], token: str, district: str, place: Path, dry_run: bool
) -> list[dict[str, str]]:
    """What becomes, or would become, of each goal of a file. Raises Stop."""
    from services.ctl.client import open_api

    document = document_of(place)
    async with open_api(services) as api:
        me = (await api.send(token, "GET", "roster", "/me", district=district)).body
        check_hers(document, me)
        today = datetime.now(UTC).date().isoformat()
        found: list[dict[str, str]] = []
        for goal in goals_in(document, me["person_id"], today):
            became = goal.why_not or "would be drafted"
            if not (goal.why_not or dry_run):
                became = await _drafted(api, token, district, goal)
            found.append({"goal_id": goal.id, "statement": goal.statement, "became": became})
        return found


async def _drafted(api: Any, token: str, district: str, goal: TakenGoal) -> str:
    """What became of it. Raises Refused."""
    try:
        answer = await api.send(
            token, "POST", "goals", "/goals", goal.body, key=goal.key, district=district
        )
    except Refused as refused:
        if refused.problem != TWICE:
            raise
        return "was taken in before, and has changed since: left as it is"
    return f"{answer.body['state']} {answer.body['goal_id']}"


def _known(file: Path, key: str) -> Mapping[str, Any]:
    """What was signed. Raises Stop."""
    signed: Mapping[str, Any] = document_of(file)["take_out"]
    if key and signed["key"] != key:
        raise Stop(Exit.REFUSED, f"{file}: take_out.key: it is signed by another Tandem")
    return signed


def _tell_whose(signed: Mapping[str, Any], key: str) -> None:
    name = f"{signed['given_name']} {signed['family_name']}"
    console.data(f"of {name} in {signed['district_id']}, {signed['made_at']}")
    vouched = "as you said" if key else "which nobody has vouched for: ask for it there"
    console.data(f"unchanged, signed by {signed['key']}, {vouched}")
