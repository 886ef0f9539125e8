"""`tandem standards`: frameworks of standards, from files as CASE 1.1 has them."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.exits import Exit, Stop
from services.ctl.roster_things import DryRun, all_of, show
from services.ctl.target import Json, Token, Url, addresses, token_for
from services.goals.framework.case_file import BadCase, CaseFile, read_case

app = typer.Typer(help="Frameworks of standards, that goals are for.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="JSON of CASE 1.1: a CFPackage.")]
District = Annotated[str, typer.Option(help="The district whose frameworks they are.")]


@app.callback()
def _group() -> None: ...


@app.command("import")
def import_(
    file: File,
    district: District,
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Import a framework of standards from the district's own file, and publish it.

    The first mistake of the file is told with its place, and nothing is sent: exit code 7. What was
    broken off goes on where it was when the same file is imported again."""
    try:
        found = read_case(file)
    except BadCase as mistake:
        raise Stop(Exit.PROBLEMS, str(mistake)) from None
    told: Mapping[str, Any] = {
        "title": found.says.title,
        "case_id": found.says.case_id,
        "standard_count": len(found.standards),
    }
    if not dry_run:
        known = token_for(district, token or administrator(district))
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        told = asyncio.run(_import(addresses(url), known, district, found, digest))
    if as_json:
        console.as_json(told)
        return
    done = "would be imported" if dry_run else f"imported as {told['framework_id']}"
    console.data(f"{told['title']}: {told['standard_count']} standards {done}")


@app.command("list")
def list_(district: District, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """List the frameworks of a district, the newest first."""
    known = token_for(district, token or administrator(district))
    asked = all_of(addresses(url), known, district, "frameworks", {}, "goals")
    show(district, "frameworks", asyncio.run(asked), _line, as_json)


async def _import(
    services: Mapping[str, str], token: str, district: str, found: CaseFile, digest: str
) -> Mapping[str, Any]:
    """Part by part, each by a key that is of the file: once, however often it is begun."""
    from services.ctl.client import open_api

    async with open_api(services) as api:

        async def send(step: str, path: str, body: Any = None) -> Mapping[str, Any]:
            key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{district}:{digest}:{step}"))
            answer = await api.send(token, "POST", "goals", path, body, key=key, district=district)
            said: Mapping[str, Any] = answer.body
            return said

        made = await send("begin", "/frameworks", found.says.model_dump(mode="json"))
        place = f"/frameworks/{made['framework_id']}"
        parts: Sequence[Any] = list(found.parts)
        for number, part in enumerate(parts, 1):
            console.tell(f"part {number} of {len(parts)}")
            body = {"standards": [each.model_dump(mode="json") for each in part]}
            await send(f"part {number}", f"{place}/standards", body)
        return await send("publish", f"{place}/publish")


def _line(framework: Mapping[str, Any]) -> str:
    edition = f" ({framework['edition']})" if framework["edition"] else ""
    return (
        f"{framework['framework_id']}  {framework['state']}  {framework['title']}{edition}: "
        f"{framework['standard_count']} standards"
    )
