"""What an operator decides of many things by their ids: which, whether it was done, how that is
told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.engines_target import on_engines
from services.ctl.exits import Exit, Stop

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which.")]
Moved = Sequence[tuple[str, bool]]
Act = Callable[[], Awaitable[bool]]


async def moved(acts: Mapping[str, Act], chosen: Sequence[str], dry_run: bool) -> Moved:
    """Each id and whether it was moved, or with `dry_run` would be. `acts` are of those that can
    be moved."""
    return [(each, each in acts and (dry_run or await acts[each]())) for each in chosen]


def move(
    work: Callable[[], Coroutine[Any, Any, Moved]],
    ids: Sequence[str] | None,
    every: bool,
    dry_run: bool,
    as_json: bool,
    missing: str,
) -> None:
    """Do it and print each id with what became of it; Stop NOT_FOUND, which says `missing`, when
    one could not be moved."""
    if bool(ids) is every:
        raise Stop(Exit.USAGE, "name ids, or say --all")
    found = on_engines(work)
    if as_json:
        console.as_json([{"id": each, "moved": done and not dry_run} for each, done in found])
    else:
        for each, done in found:
            state = "not open" if not done else "would be" if dry_run else "done"
            console.data(f"{each}  {state}")
    if not all(done for _, done in found):
        raise Stop(Exit.NOT_FOUND, missing)
