"""`tandem tree`: decision trees as files, checked, drawn, and drafted in a district."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
import yaml

from services.chassis.settings import BadSettings
from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.exits import Exit, Stop
from services.ctl.roster_things import read
from services.ctl.target import Json, Token, Url, addresses, token_for
from services.goals.tree.bodies import TreeSaid
from services.goals.tree.tree_file import SHIPPED, mermaid, read_tree

app = typer.Typer(help="Decision trees as files.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="YAML or JSON.")]
District = Annotated[str, typer.Option(help="The district whose tree it is.")]


@app.callback()
def _group() -> None: ...


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Check a tree's file as it is checked when it is published, but for what it offers.

    The first mistake is told with its line. Exit code 7 where there is one."""
    said = _read(file)
    ends = sum(not step.answers for step in said.steps)
    found = {"title": said.title, "steps": len(said.steps), "ends": ends}
    if as_json:
        console.as_json(found)
        return
    console.data(f"{found['title']}: {found['steps']} steps, {found['ends']} of them ends")


@app.command()
def draw(file: File) -> None:
    """Draw a tree's file, as a Mermaid flowchart: a way back is dotted, an end is round."""
    _lines(mermaid(_read(file).tree_steps()))


@app.command()
def shipped() -> None:
    """Print the tree that ships, from a mathematics discussion to a goal, as a file."""
    _lines(SHIPPED.read_text())


@app.command()
def export(
    tree: Annotated[str, typer.Argument(help="Its id.")],
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Print a district's tree as a file that `check`, `draw` and another district can read."""
    known = token_for(district, token or administrator(district))
    path = f"/trees/{quote(tree, safe='')}"
    found: Any = asyncio.run(read(addresses(url), known, district, path, "goals"))
    content = {name: found[name] for name in TreeSaid.model_fields}
    if as_json:
        console.as_json(content)
        return
    _lines(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100))


def _read(file: Path) -> TreeSaid:
    """Raises Stop PROBLEMS with the first mistake."""
    try:
        return read_tree(file)
    except BadSettings as mistake:
        raise Stop(Exit.PROBLEMS, str(mistake)) from None


def _lines(text: str) -> None:
    for line in text.splitlines():
        console.data(line)
