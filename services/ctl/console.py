"""What a command shows: data on stdout, messages and progress on stderr if it is a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

Advance = Callable[[int], None]


def data(text: str) -> None:
    """A line of output; seen at once, also by a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def as_json(value: Any, *, line: bool = False) -> None:
    """Machine-readable output: indented, or with `line` on one line of its own."""
    data(json.dumps(value, ensure_ascii=False, indent=None if line else 2))


def show(content: RenderableType) -> None:
    """A table or a panel on stdout; plain, and as wide as its content, in a pipe."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 160
    Console(width=wide, highlight=False, soft_wrap=False).print(content)
    sys.stdout.flush()


def error(line: str) -> None:
    sys.stderr.write(f"tandem: {line}\n")


def say(line: str) -> None:
    """A message to a person who watches."""
    if sys.stderr.isatty():
        sys.stderr.write(line + "\n")


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Advance]:
    """A bar on stderr for `total` steps (None: unknown); the caller tells each step done."""
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.advance(task, steps)
