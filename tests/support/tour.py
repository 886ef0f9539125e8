"""The README's tour: its commands as they stand there, and whether what they print is as it says.

A block of `console` holds commands after `$ ` with what they print, one of `sh` lines to paste, one
of `text` what was printed last: by `make run` before the first command, and where it is marked
`second terminal` by the command that still runs there. `...` stands for any text or lines. Ids,
times, numbers and names of people are those of one run, and so are the rows of a `table`: each of
their cells must be such as its column holds. Who works on which measure follows from the day of the
demo, so the measures of a table and of a goal's progress, with their units, are those of one run,
too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE

from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
GOAL = re.compile(r"(?<=/goals/)[0-9a-f-]{36}(?=/progress)")
SECTION = re.compile(r"^## A tour.*?(?=^## )", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MEASURE = re.compile(r"\b[a-z]+(?:-[a-z]+)+\b")
ANY = "..."
MASKS = (
    (re.compile(rf"\bgoal {MEASURE.pattern} [\d.]+(?: [a-z]+)?(?=, from )"), "goal MEASURE N"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b"), "NAME"),
    (re.compile(r"\bP[DS]T\b"), "ZONE"),
    (re.compile(r"\b\d+(?:\.\d+)?\b(?! errors)"), "N"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Step:
    """`command` is empty for what is printed without one; `elsewhere`: in the second terminal."""

    command: str
    printed: tuple[str, ...] = ()
    elsewhere: bool = False
    table: bool = False


def steps(readme: str) -> list[Step]:
    section = SECTION.search(readme)
    assert section is not None
    found: list[Step] = []
    for kind, text in BLOCK.findall(section[0]):
        if kind in ("console", "console table"):
            found += _commands(text, table=kind.endswith("table"))
        elif kind == "sh":
            found.append(Step(text))
        elif kind == "text" and found:
            assert not found[-1].printed
            found[-1] = replace(found[-1], printed=tuple(text.splitlines()))
        else:
            assert kind in ("text", "text second terminal"), kind
            found.append(Step("", tuple(text.splitlines()), elsewhere="second" in kind))
    return found


def _commands(text: str, *, table: bool) -> Iterator[Step]:
    """`$ ` begins a command; it goes on after a backslash at the end of a line."""
    command, printed = "", list[str]()
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield Step(command, tuple(printed), table=table)
            command, printed = line.removeprefix("$ "), []
        elif command.endswith("\\") and not printed:
            command += f"\n{line}"
        else:
            printed.append(line)
    yield Step(command, tuple(printed), table=table)


def unlike(step: Step, output: str) -> str:
    """The first line that is not printed where the README says it, or that is printed and not
    there; empty where all is as it says."""
    said = [line for line in step.printed if line.strip()]
    printed = [line for line in output.splitlines() if line.strip()]
    if step.table:
        return _unlike_table(said, printed)
    at, skips = 0, False
    for line in said:
        if line == ANY:
            skips = True
            continue
        found = next((i for i in range(at, len(printed)) if _same(line, printed[i])), None)
        if found is None or (found != at and not skips):
            return line
        at, skips = found + 1, False
    return "" if skips or at == len(printed) else printed[at]


def _unlike_table(said: list[str], printed: list[str]) -> str:
    """Of a title, a header and rows."""
    for line, other in zip(said[:2], printed, strict=False):
        if not _same(line, other):
            return line
    columns = [set(column) for column in zip(*_cells(printed[1:]), strict=True)]
    for line, cells in zip(said[1:], _cells(said[1:]), strict=True):
        known = [cell in column for cell, column in zip(cells, columns, strict=True)]
        if line != ANY and not all(known):
            return line
    return ""


def _cells(rows: Sequence[str]) -> list[list[str]]:
    """Of a header, whose columns two spaces or more set apart, and what is below it."""
    edges = [*(each.start() for each in re.finditer(r"\S+(?: \S+)*", rows[0])), None]
    return [[_masked(MEASURE.sub("MEASURE", row[a:b])) for a, b in pairwise(edges)] for row in rows]


def _same(said: str, printed: str) -> bool:
    parts = [re.escape(_masked(each)) for each in said.split(ANY)]
    return re.fullmatch(".*".join(parts), _masked(printed)) is not None


def _masked(line: str) -> str:
    for pattern, name in MASKS:
        line = pattern.sub(name, line)
    return line.strip()


class Tour:
    """Followed by a person in the checkout `home`, whose stack runs and has printed `screen`: its
    addresses and its goal take the place of those that the README shows."""

    def __init__(self, home: Path, screen: str, env: Mapping[str, str]) -> None:
        self.home = home
        self.first, *self.rest = steps((home / "README.md").read_text())
        self.screen = screen
        self.env = env
        shown = ADDRESS.findall("\n".join(self.first.printed))
        self.addresses = dict(zip(shown, ADDRESS.findall(screen), strict=False))
        (self.goal,) = set(GOAL.findall(screen))

    async def follow(self) -> None:
        said = unlike(self.first, self.screen)
        assert not said, (said, self.screen)
        async with AsyncExitStack() as terminals:
            seen: list[str] = []
            for step in self.rest:
                if step.elsewhere:
                    await _soon(step, seen)
                elif step.command.endswith("caseload watch"):
                    seen = await terminals.enter_async_context(self._beside(step.command))
                else:
                    said = unlike(step, await self._run(step.command))
                    assert not said, (step.command, said)

    async def _run(self, command: str) -> str:
        process = await self._start(f"set -eo pipefail\n{command}")
        out, err = await process.communicate()
        assert process.returncode == 0, (command, out, err)
        return out.decode()

    @asynccontextmanager
    async def _beside(self, command: str) -> AsyncIterator[list[str]]:
        """In a second terminal, once it says that it runs; the lines that it prints."""
        process = await self._start(f"exec {command}")
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[str] = []
        reading = asyncio.create_task(_read(process.stdout, lines))
        try:
            assert await process.stderr.readline()
            yield lines
        finally:
            process.terminate()
            await reading
            await process.wait()

    async def _start(self, command: str) -> asyncio.subprocess.Process:
        command = ADDRESS.sub(lambda found: self.addresses[found[0]], command)
        return await asyncio.create_subprocess_exec(
            "bash", "-c", GOAL.sub(self.goal, command),
            cwd=self.home, env=self.env, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    async for line in stream:
        lines.append(line.decode())


async def _soon(step: Step, lines: list[str]) -> None:
    """Until it is among the lines."""
    wanted = replace(step, printed=(ANY, *step.printed, ANY))
    try:
        await eventually(lambda: not unlike(wanted, "".join(lines)), timeout=30)
    except AssertionError:
        raise AssertionError((step.printed, lines)) from None
