"""A token of the command line: said itself, or in a file that is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.ctl.__main__ import app
from services.ctl.commands.views import Tokens
from services.ctl.exits import Exit, Stop
from services.ctl.target import Token, read_token


def test_a_token_is_said_or_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc.def.ghi\n")
    told = typer.Typer()
    seen: list[object] = []

    @told.command()
    def command(token: Token = "") -> None:
        seen.append(token)

    @told.command()
    def several(token: Tokens = None) -> None:
        seen.append(token)

    run = CliRunner().invoke
    for said in ("abc", f"@{tmp_path}/token"):
        run(told, ["command", "--token", said], catch_exceptions=False)
        run(told, ["command"], env={"TANDEM_TOKEN": said}, catch_exceptions=False)
    both = ["several", "--token", f"@{tmp_path}/token", "--token", "jkl"]
    run(told, both, catch_exceptions=False)
    run(told, ["several"], catch_exceptions=False)
    assert seen == ["abc", "abc", "abc.def.ghi", "abc.def.ghi", ["abc.def.ghi", "jkl"], None]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"no token can be read from .*none: No such file") as told:
        read_token(f"@{tmp_path}/none")
    assert told.value.code is Exit.USAGE


def test_a_command_says_so(tmp_path: Path) -> None:
    asked = ["roster", "calendar", "import", "--help"]
    assert "@FILE" in CliRunner().invoke(app, asked).output
