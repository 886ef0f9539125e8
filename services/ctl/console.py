"""What a command shows: data on stdout, messages and progress on stderr if it is a terminal.

What a district's roster or a service said is not trusted: it cannot move a terminal's cursor,
color, link or hide what it stands in, or turn the order of a line round.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Advance = Callable[[int], None]

# Controls (C0, DEL, C1), marks that set a direction, separators of lines, what cannot be
# encoded, and invisible tags. Joiners stay: names are written with them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def plain(text: object) -> str:
    """Text of others on one line: U+FFFD stands for each character that is not one to show."""
    return _UNSAFE.sub("\ufffd", str(text))


def data(text: str) -> None:
    """A line of output; seen at once, also by a pipe."""
    sys.stdout.write(plain(text) + "\n")
    sys.stdout.flush()


def as_json(value: Any, *, line: bool = False) -> None:
    """Machine-readable output: indented, or with `line` on one line of its own. It says
    exactly `value`; unsafe characters are written as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=None if line else 2)
    sys.stdout.write("\n".join(_UNSAFE.sub(_escaped, each) for each in text.split("\n")) + "\n")
    sys.stdout.flush()


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def terminal() -> Console:
    """Where tables and panels go; plain, and as wide as their content, in a pipe. Their texts are
    no markup; whoever makes them has put what others said through `plain`."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 160
    return Console(width=wide, highlight=False, soft_wrap=False, markup=False, emoji=False)


def show(content: RenderableType) -> None:
    """A table or a panel on stdout: see `terminal`."""
    terminal().print(content)
    sys.stdout.flush()


def error(line: str) -> None:
    sys.stderr.write(f"tandem: {plain(line)}\n")


def tell(line: str) -> None:
    """What is no output and is told all the same, also where nobody watches."""
    sys.stderr.write(plain(line) + "\n")
    sys.stderr.flush()


def say(line: str) -> None:
    """A message to a person who watches."""
    if sys.stderr.isatty():
        sys.stderr.write(plain(line) + "\n")


def again(line: str) -> None:
    """Replaces the line that a person watches, without ending it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{plain(line)}")
        sys.stderr.flush()


@contextmanager
def progress(label: str, total: int | None, *, always: bool = False) -> Iterator[Advance]:
    """A bar on stderr for `total` steps (None: unknown); the caller tells each step done. What is
    done leaves a line with a tick and its seconds. Where nobody watches there is none, or with
    `always` a line when it begins."""
    if not sys.stderr.isatty():
        if always:
            tell(f"{label} ...")
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    out = Console(stderr=True)
    began = time.monotonic()
    with Progress(
        TextColumn("{task.description:<28}", markup=False),
        BarColumn(),
        *([] if total is None else [MofNCompleteColumn()]),
        TimeElapsedColumn(),
        console=out,
        transient=True,
    ) as bar:
        task = bar.add_task(plain(label), total=total)
        yield lambda steps: bar.advance(task, steps)
    done = Text("ok " if out.options.ascii_only else "\u2713 ", style="green")
    done.append(f"{plain(label):<34}{time.monotonic() - began:6.1f} s", style="default")
    out.print(done)
