"""`tandem program kit`: what a program is made of as one signed file, for another district."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.exits import Exit, Stop
from services.ctl.records import written
from services.ctl.roster_things import DryRun
from services.ctl.target import Json, Token, Url, addresses, token_for

if TYPE_CHECKING:
    from services.ctl.kit_making import KitWanted

app = typer.Typer(help="What a program is made of, as a signed file.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The kit.")]
By = Annotated[
    str,
    typer.Option(
        help="The public key of whoever made it, as you were told by them.", show_default=False
    ),
]


@app.callback()
def _group() -> None: ...


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write it; there is none yet.")],
    district: Annotated[str, typer.Option(help="The district that it is made from.")],
    name: Annotated[str, typer.Option(help="What the kit is called.")],
    version: Annotated[str, typer.Option(help="Of the kit, such as 1.0.")],
    license_: Annotated[str, typer.Option("--license", help="Of the kit as a whole.")],
    key: Annotated[Path, typer.Option(help="The file of your private key, of `policy keygen`.")],
    about: Annotated[str, typer.Option(help="For whom it is, and what it asks of them.")],
    program: Annotated[list[str] | None, typer.Option(help="A program's id.")] = None,
    tree: Annotated[
        list[str] | None, typer.Option(help="A published tree's id; what it offers comes along.")
    ] = None,
    tool: Annotated[list[str] | None, typer.Option(help="A published tool's id.")] = None,
    instrument: Annotated[
        list[str] | None, typer.Option(help="A published instrument's id.")
    ] = None,
    strategy: Annotated[list[str] | None, typer.Option(help="A published strategy's id.")] = None,
    parent: Annotated[
        Path | None, typer.Option(help="The kit that this one was made from.")
    ] = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Write programs with their process, trees, tools, instruments, strategies and the measures
    that they name into a file that is signed.

    It names nobody, and says nothing of a district's year and money."""
    from services.ctl.key_files import key_pair
    from services.ctl.kit_making import KitWanted
    from services.ctl.kits import FORMAT, checked, digest_of, document_of, read_kit

    private, _ = key_pair(key)
    lineage = None
    if parent is not None:
        before, document = read_kit(parent)
        sha256 = digest_of(document["kit"])
        lineage = {"name": before.name, "version": before.version, "sha256": sha256}
    wanted = KitWanted(program or [], tree or [], tool or [], instrument or [], strategy or [])
    by = token_for(district, token or administrator(district))
    parts = asyncio.run(_parts(addresses(url), by, district, wanted))
    kit = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "license": license_,
        "about": about,
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "parent": lineage,
        **parts,
    }
    try:
        checked(kit)
    except ValueError as error:
        raise Stop(Exit.PROBLEMS, f"{error}; nothing was written") from None
    with written(file) as to:
        json.dump(document_of(kit, private), to, ensure_ascii=False, indent=1)
    _tell(kit, as_json)


@app.command()
def verify(file: File, key: By = "", as_json: Json = False) -> None:
    """Check that a kit is what was signed and whole, and say what is in it; asks no service."""
    from services.ctl.kits import read_kit

    _, document = read_kit(file, key)
    _tell(document["kit"], as_json)
    if not as_json:
        vouched = "as you said" if key else "which nobody has vouched for: ask for it there"
        console.data(f"unchanged, signed by {document['key']}, {vouched}")


@app.command()
def install(
    file: File,
    district: Annotated[str, typer.Option(help="Where it is put.")],
    key: By,
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Put what is in a kit into a district: all of it published, but programs, which are drafts of
    this school year that you lead. Done again it changes nothing, and what broke off goes on.

    With --dry-run it says what would become of each part."""
    from services.ctl.kit_installing import lines
    from services.ctl.kits import digest_of, read_kit

    if not key:
        raise Stop(
            Exit.USAGE, "--key: it is empty, and nothing is installed that nobody vouches for"
        )
    kit, document = read_kit(file, key)
    digest = digest_of(document["kit"])
    by = token_for(district, token or administrator(district))
    found = asyncio.run(_install(addresses(url), by, district, kit, digest, dry_run))
    if as_json:
        parts = [
            {"part": each.part, "title": each.title, "became": each.became, "id": each.id}
            for each in found
        ]
        console.as_json({"district": district, "kit": digest, "dry_run": dry_run, "parts": parts})
        return
    for text in lines(found):
        console.data(text)


async def _parts(
    services: Mapping[str, str], token: str, district: str, wanted: KitWanted
) -> Mapping[str, Any]:
    from services.ctl.client import open_api
    from services.ctl.kit_making import KitMaking

    async with open_api(services) as api:
        return await KitMaking(api, token, district).read(wanted)


async def _install(
    services: Mapping[str, str], token: str, district: str, kit: Any, digest: str, dry_run: bool
) -> Any:
    from services.ctl.client import open_api
    from services.ctl.kit_installing import KitInstalling

    async with open_api(services) as api:
        return await KitInstalling(api, token, district, digest, dry_run).install(kit)


def _tell(kit: Mapping[str, Any], as_json: bool) -> None:
    from services.ctl.kits import digest_of

    if as_json:
        console.as_json({"sha256": digest_of(kit), **kit})
        return
    console.data(f"{kit['name']} {kit['version']}, {kit['license']}, made {kit['made_at']}")
    console.data(f"sha256 {digest_of(kit)}")
    if kit["parent"]:
        said = kit["parent"]
        console.data(f"made from {said['name']} {said['version']}, sha256 {said['sha256']}")
    for each in kit["measures"]:
        console.data(f"measure {each['measure_id']}: {each['says']['title']}")
    for noun in ("tools", "instruments", "strategies", "trees", "programs"):
        for each in kit[noun]:
            says = each["says"]
            told = f", {says['license']}" if says.get("license") else ""
            console.data(f"{each['part_id']}: {says.get('title') or says['name']}{told}")
