"""`tandem measure`: instruments as files, checked, brought into a district and taken out of it."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
import yaml

from services.chassis.settings import BadSettings
from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.exits import Exit, Stop
from services.ctl.roster_things import DryRun, read
from services.ctl.target import Json, Token, Url, addresses, token_for
from services.surveys.instrument.bodies import DraftInstrument
from services.surveys.instrument.measure_file import SHIPPED, read_measure

app = typer.Typer(help="Instruments, practical measures, as files.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="YAML or JSON.")]
District = Annotated[str, typer.Option(help="The district whose instrument it is.")]


@app.callback()
def _group() -> None: ...


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Check an instrument's file as it is checked when it is drafted.

    The first mistake is told with its line. Exit code 7 where there is one."""
    _tell(_summary(_read(file)), as_json, "checked")


@app.command()
def shipped(
    name: Annotated[str, typer.Argument(help="One of them; without it all are named.")] = "",
) -> None:
    """Name the measures that ship, or print one as a file."""
    if not name:
        for each, path in SHIPPED.items():
            console.data(f"{each}: {read_measure(path).title}")
        return
    if name not in SHIPPED:
        raise Stop(Exit.NOT_FOUND, f"no such measure ships; there are {', '.join(SHIPPED)}")
    for line in SHIPPED[name].read_text().splitlines():
        console.data(line)


@app.command("import")
def import_(
    file: File,
    district: District,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish it: from then on it does not change.")
    ] = False,
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Draft a file's instrument in a district, and publish it where that is asked.

    The first mistake of the file is told with its line, and nothing is sent: exit code 7. The same
    file again is the same instrument, for as long as the service knows what was asked before."""
    said = _read(file)
    told: Mapping[str, Any] = _summary(said)
    done = "would be imported"
    if not dry_run:
        known = token_for(district, token or administrator(district))
        made = asyncio.run(_import(addresses(url), known, district, said, publish))
        told = {**told, "instrument_id": made["instrument_id"], "state": made["state"]}
        done = f"imported as {made['instrument_id']}, {made['state']}"
    _tell(told, as_json, done)


@app.command()
def export(
    instrument: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Print a district's instrument as a file that `check` and `import` can read.

    Without what is of that district alone: its id, its state, who drafted it, from what it was
    forked."""
    known = token_for(district, token or administrator(district))
    path = f"/instruments/{quote(instrument, safe='')}"
    found: Any = asyncio.run(read(addresses(url), known, district, path, "surveys"))
    from services.ctl.kits import kept

    content = kept(DraftInstrument, found)
    if as_json:
        console.as_json(content)
        return
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    for line in text.splitlines():
        console.data(line)


async def _import(
    services: Mapping[str, str], token: str, district: str, said: DraftInstrument, publish: bool
) -> Mapping[str, Any]:
    """By keys that are of what the file says: once, however often it is begun."""
    from services.ctl.client import open_api
    from services.ctl.kits import kept

    body = said.model_dump(mode="json")
    digest = hashlib.sha256(said.model_dump_json().encode()).hexdigest()

    async with open_api(services) as api:

        async def send(step: str, path: str, body: Any = None) -> Mapping[str, Any]:
            key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{district}:{digest}:{step}"))
            answer = await api.send(
                token, "POST", "surveys", path, body, key=key, district=district
            )
            found: Mapping[str, Any] = answer.body
            return found

        made = await send("draft", "/instruments", body)
        before = f"It was imported before, as {made['instrument_id']}, and "
        if made["state"] == "withdrawn":
            raise Stop(Exit.PROBLEMS, f"{before}withdrawn.")
        if kept(DraftInstrument, made) != kept(DraftInstrument, body):
            raise Stop(Exit.PROBLEMS, f"{before}says something else by now: somebody edited it.")
        if publish and made["state"] == "draft":
            made = await send("publish", f"/instruments/{made['instrument_id']}/publish")
        return made


def _read(file: Path) -> DraftInstrument:
    """Raises Stop PROBLEMS with the first mistake."""
    try:
        return read_measure(file)
    except BadSettings as mistake:
        raise Stop(Exit.PROBLEMS, str(mistake)) from None


def _summary(said: DraftInstrument) -> Mapping[str, Any]:
    constructs = dict.fromkeys(each.construct_id for each in said.items)
    return {
        "title": said.title,
        "items": len(said.items),
        "constructs": list(constructs),
        "validation_status": said.validation_status.value,
    }


def _tell(told: Mapping[str, Any], as_json: bool, done: str) -> None:
    if as_json:
        console.as_json(told)
        return
    console.data(
        f"{told['title']}: {told['items']} items about {', '.join(told['constructs'])}, "
        f"{told['validation_status']}: {done}"
    )
