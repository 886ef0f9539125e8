"""Commands that name a district: what they send acts there or nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from services.ctl.local import keys
from tests.support.fake_services import (
    REPORT,
    FakeServices,
    fake_services,
    imported,
    problem,
)

IMPORTS = ("POST", "/roster/v1/imports")
CALENDAR = "/roster/v1/calendars/2027"
COMMANDS = (["roster", "import"], ["roster", "calendar", "import"])


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Good for the calendar; what a roster is, the services say."""
    path = tmp_path / "file"
    path.write_text("date,title\n2026-11-11,Veterans Day\n")
    return str(path)


def signed(tmp_path: Path, district: str) -> str:
    keys.ensure_key(tmp_path / "keys")
    return keys.sign(tmp_path / "keys", district, "sis", ("roster.write",))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_token_that_names_another_district_is_refused_before_anything_is_sent(
    services: FakeServices,
    tmp_path: Path,
    file: str,
    command: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["--url", services.url, "--token", signed(tmp_path, "maple")]
    assert run([*command, file, "--district", "cedar", *given]) == Exit.USAGE
    said = "tandem: the token is for the district maple, and --district cedar\n"
    assert capsys.readouterr().err == said
    assert services.asked == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_request_says_which_district_is_meant(
    services: FakeServices,
    tmp_path: Path,
    file: str,
    command: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    services.answers[IMPORTS] = (202, imported({**REPORT, "problem_count": 0}))
    services.answers["GET", CALENDAR] = (404, problem(404, "not_found", "It does not exist."))
    services.answers["PUT", CALENDAR] = (200, {})
    for token in (signed(tmp_path, "maple"), "of-an-issuer-unknown-here"):
        given = [file, "--district", "maple", "--url", services.url, "--token", token]
        assert run([*command, *given]) == Exit.OK
        assert "maple" in capsys.readouterr().out
        assert run([*command, *given, "--json"]) == Exit.OK
        assert json.loads(capsys.readouterr().out)["district"] == "maple"
    assert {each.headers["tandem-district"] for each in services.asked} == {"maple"}


def test_what_a_token_names_is_read_and_never_trusted() -> None:
    claims: list[object] = [{"district": 7}, {"iss": 7}, [], "x", None]
    for each in ("", "a", "a.b", "a.%.c", "a.bm8.c", *map(json.dumps, claims)):
        assert keys.district_of(each) == ""
