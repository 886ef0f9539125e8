"""What the help of commands shows as an example is taken by these commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from services.ctl.__main__ import app

ROOT: Any = typer.main.get_command(app)


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from commands(each, *path, name)
        else:
            yield (*path, name), each


SHOWN = [
    (path, line.strip())
    for path, each in commands(ROOT)
    for line in (each.epilog or "").splitlines()
    if line.strip().startswith("tandem ")
]


def test_the_usual_commands_have_examples() -> None:
    usual = "up token", "caseload show", "caseload watch", "events tail", "roster import"
    assert {*usual[0].split(), *usual[1:]} <= {" ".join(path) for path, _ in SHOWN}


@pytest.mark.parametrize(("path", "line"), SHOWN, ids=[line for _, line in SHOWN])
def test_an_example_is_one_of_its_command_and_is_taken(path: tuple[str, ...], line: str) -> None:
    words = shlex.split(line.split(" > ")[0])[1:]
    assert tuple(words[: len(path)]) == path
    command = dict(commands(ROOT))[path]
    with command.make_context(line, words[len(path) :], resilient_parsing=False) as context:
        assert context.params
