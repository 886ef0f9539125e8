"""`tandem roster pull` and `watch`: other doors to the same import."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from services.ctl.__main__ import run
from services.ctl.commands import roster_watch
from services.ctl.exits import Exit
from tests.support.command_line import local_stack
from tests.support.fake_services import REPORT, FakeServices, imported, problem
from tests.support.oneroster_server import rest_of
from tests.support.roster_files import good_files, parsed

IMPORTS = ("POST", "/roster/v1/imports")
GOOD = {**REPORT, "problems": [], "problem_count": 0}
TABLE = ("GET", "/roster/v1/imports/i1/report")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServices]:
    with local_stack(monkeypatch, tmp_path) as fake:
        fake.answers[IMPORTS] = (202, imported(GOOD))
        fake.answers[TABLE] = (200, "kind,file\n")
        yield fake


def districts(fake: FakeServices, folder: Path) -> Path:
    secret, file = folder / "secret", folder / "own.yaml"
    secret.write_text("canary-secret")
    told = {
        "url": f"{fake.url}/or",
        "token_url": f"{fake.url}/token",
        "client_id": "tandem",
        "client_secret_file": str(secret),
    }
    file.write_text(yaml.safe_dump({"districts": {"lakewood": {"oneroster": told}}}))
    fake.answers["POST", "/token"] = (200, {"access_token": "t"})
    for noun, records in rest_of(good_files()).items():
        fake.answers["GET", f"/or/{noun}"] = [(200, {noun: records})] + [(200, {noun: []})] * 9
    return file


def command(file: Path, *more: str) -> list[str]:
    return ["roster", "pull", "--district", "lakewood", "--districts-file", str(file), *more]


def test_what_is_pulled_is_imported_as_a_file_is(
    stack: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = districts(stack, tmp_path)
    assert run(command(file, "--dry-run")) == Exit.OK
    (sent,) = [each for each in stack.asked if each.path.startswith(IMPORTS[1])]
    assert "?validate_only=true&asked_at=2" in sent.path
    with zipfile.ZipFile(io.BytesIO(sent.body)) as packed:
        files = {name: packed.read(name).decode() for name in packed.namelist()}
    assert parsed(files).people.records.keys() == parsed(good_files()).people.records.keys()
    out, err = capsys.readouterr()
    assert "people" in out
    assert "canary-secret" not in out + err


@pytest.mark.parametrize(("since", "told"), [("2026-11-28T00:00:00Z", False), ("", True)])
def test_what_is_pulled_since_a_day_by_hand_is_followed_by_nothing(
    stack: FakeServices, tmp_path: Path, since: str, told: bool
) -> None:
    """What was changed before that day may not have been pulled: `last` begins before it."""
    assert run(command(districts(stack, tmp_path), "--since", since)) == Exit.OK
    (sent,) = [
        each for each in stack.asked if each.method == IMPORTS[0] and IMPORTS[1] in each.path
    ]
    assert ("asked_at" in sent.path) is told


def test_what_was_pulled_is_kept_until_it_is_imported(
    stack: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the service is away; what is refused is of no use."""
    pull = command(districts(stack, tmp_path), "--keep", str(tmp_path / "kept"))
    there = tmp_path / "kept" / "lakewood"
    before = datetime.now(UTC)
    assert run([*pull, "--url", "http://127.0.0.1:9"]) == Exit.UNREACHABLE
    after = datetime.now(UTC)
    assert (there / "users.pages").stat().st_size
    districts(stack, tmp_path)
    assert run(pull) == Exit.OK
    assert "5 pages were there already" in capsys.readouterr().err
    (sent,) = [
        each for each in stack.asked if each.method == IMPORTS[0] and IMPORTS[1] in each.path
    ]
    (asked,) = parse_qs(urlsplit(sent.path).query)["asked_at"]
    assert before <= datetime.fromisoformat(asked) + timedelta(milliseconds=1) <= after
    assert not list(there.glob("*.pages"))
    districts(stack, tmp_path)
    stack.answers["GET", "/or/classes"] = (403, {})
    assert run(pull) == Exit.REFUSED
    assert not list(there.glob("*.pages"))
    (tmp_path / "file").touch()
    assert run(command(tmp_path / "own.yaml", "--keep", str(tmp_path / "file" / "x"))) == Exit.USAGE


def test_what_cannot_be_pulled_changes_nothing(
    stack: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = districts(stack, tmp_path)
    assert run(command(file, "--since", "yesterday")) == Exit.USAGE
    assert run(command(file, "--district", "maple")) == Exit.NOT_FOUND
    stack.answers["GET", "/or/classes"] = (403, {})
    assert run(command(file)) == Exit.REFUSED
    assert "source_refuses: The server refuses classes" in capsys.readouterr().err
    file.write_text("districts: {lakewood: {oneroster: {url: 'ftp://x'}}}")
    assert run(command(file)) == Exit.USAGE
    assert not [each for each in stack.asked if each.path.startswith(IMPORTS[1])]


def watch(folder: Path) -> int:
    words = ["roster", "watch", str(folder), "--district", "lakewood", "--once"]
    return run([*words, "--seconds", "0.1"])


def left(folder: Path) -> dict[str, list[str]]:
    """The files by folder, without the instants before their names."""
    found: dict[str, list[str]] = {}
    for each in sorted(folder.rglob("*.*")):
        where = each.parent.name if each.parent != folder else ""
        found.setdefault(where, []).append(each.name.rpartition("Z-")[2])
    return found


def drop(folder: Path, name: str, content: bytes, minutes_ago: int = 5) -> None:
    (folder / name).write_bytes(content)
    at = (folder / name).stat().st_mtime - 60 * minutes_ago
    os.utime(folder / name, (at, at))


def test_what_is_left_in_a_folder_is_imported_once_the_oldest_first(
    stack: FakeServices, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "b.zip", b"old", minutes_ago=9)
    drop(folder, "a.ZIP", b"new")
    drop(folder, ".c.zip", b"being written")
    drop(folder, "notes.txt", b"-")
    assert watch(folder) == Exit.OK
    sent = [each.body for each in stack.asked if each.path.startswith(IMPORTS[1]) and each.body]
    assert sent == [b"old", b"new"]
    assert left(folder)["imported"] == ["b.zip", "b.zip.csv", "a.ZIP", "a.ZIP.csv"] or left(folder)[
        "imported"
    ] == ["a.ZIP", "a.ZIP.csv", "b.zip", "b.zip.csv"]
    assert left(folder)[""] == [".c.zip", "notes.txt"]
    assert watch(folder) == Exit.OK
    assert len([each for each in stack.asked if each.method == "POST"]) == 2


def test_a_file_that_is_refused_is_put_aside_and_the_next_one_imported(
    stack: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "1.zip", b"broken", 9)
    drop(folder, "2.zip", b"half", 8)
    drop(folder, "3.zip", b"good", 7)
    stopped = {**GOOD, "stopped": True, "problem_count": 1}
    stack.answers[IMPORTS] = [
        (422, problem(422, "bad_zip", "The file is not a zip archive, or it is damaged.")),
        (202, imported(stopped)),
        (202, imported(GOOD)),
    ]
    assert watch(folder) == Exit.PROBLEMS
    assert left(folder) == {
        "refused": ["1.zip", "2.zip", "2.zip.csv"],
        "imported": ["3.zip", "3.zip.csv"],
    }
    assert "1.zip: bad_zip" in capsys.readouterr().err


def test_while_the_service_is_away_files_stay_and_are_imported_later(
    stack: FakeServices, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "1.zip", b"good")
    busy: Any = (429, problem(429, "imports_waiting", "Other imports are waiting; try later."))
    stack.answers[IMPORTS] = [busy, (202, imported(GOOD))]
    assert watch(folder) == Exit.OK
    assert left(folder) == {"imported": ["1.zip", "1.zip.csv"]}
    drop(folder, "2.zip", b"good")
    stack.answers[IMPORTS] = (401, problem(401, "invalid_token", "The token is refused."))
    assert watch(folder) == Exit.REFUSED
    assert left(folder)[""] == ["2.zip"]


def test_a_file_that_grows_is_not_taken_yet(tmp_path: Path) -> None:
    watching = roster_watch.WatchedFolder(tmp_path)
    drop(tmp_path, "1.zip", b"half")
    assert watching.ready() == []
    drop(tmp_path, "1.zip", b"half and more")
    assert watching.ready() == []
    assert [each.name for each in watching.ready()] == ["1.zip"]
    drop(tmp_path, "1.zip", b"half and less", 4)  # written anew, with the same size
    assert watching.ready() == []


def test_in_production_no_secret_goes_out_in_the_clear(
    stack: FakeServices,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = districts(stack, tmp_path)
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert run(command(file)) == Exit.USAGE
    assert "it must be https in production" in capsys.readouterr().err
    assert not stack.asked


def test_the_report_of_a_pull_is_machine_readable(
    stack: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = districts(stack, tmp_path)
    stack.answers[IMPORTS] = (202, imported())
    assert run(command(file, "--json")) == Exit.PROBLEMS
    assert json.loads(capsys.readouterr().out)["counts"]["people"]["created"] == 2


def credentials(fake: FakeServices, folder: Path) -> list[str]:
    secret = folder / "client-secret"
    secret.write_text("canary-secret\n")
    told = ["--token-url", f"{fake.url}/district/token", "--client-id", "sis"]
    return [*told, "--client-secret-file", str(secret), "--url", fake.url]


def test_who_runs_by_herself_asks_for_tokens(
    stack: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, given = districts(stack, tmp_path), credentials(stack, tmp_path)
    endpoint = "POST", "/district/token"
    stack.answers[endpoint] = (200, {"access_token": "hers", "expires_in": 3600})
    assert run(command(file, *given)) == Exit.OK
    asked = [each for each in stack.asked if each.path == endpoint[1]]
    assert len(asked) == 1
    assert b"scope=imports.read+imports.write" in asked[0].body
    sent = [each for each in stack.asked if each.path.startswith("/roster")]
    assert {each.headers["authorization"] for each in sent} == {"Bearer hers"}
    stack.answers[endpoint] = (401, {"error": "invalid_client"})
    assert run(command(districts(stack, tmp_path), *given)) == Exit.REFUSED
    out, err = capsys.readouterr()
    assert "no token from" in err
    assert "canary-secret" not in out + err


def test_a_watch_waits_while_nobody_gives_it_a_token(stack: FakeServices, tmp_path: Path) -> None:
    folder, given = tmp_path / "drop", credentials(stack, tmp_path)
    folder.mkdir()
    drop(folder, "1.zip", b"good")
    (tmp_path / "client-secret").unlink()

    def back(*_: object) -> None:
        (tmp_path / "client-secret").write_text("canary-secret")
        stack.answers["POST", "/district/token"] = (200, {"access_token": "a", "expires_in": 60})

    threading.Timer(0.3, back).start()
    words = ["roster", "watch", str(folder), "--district", "lakewood", "--once"]
    assert run([*words, "--seconds", "0.1", *given]) == Exit.OK
    assert left(folder) == {"imported": ["1.zip", "1.zip.csv"]}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--token", "t"], "either --token or --token-url"),
        (["--client-id", ""], "--token-url needs --client-id"),
    ],
)
def test_half_of_the_credentials_is_a_mistake(
    stack: FakeServices,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    told: str,
) -> None:
    file = districts(stack, tmp_path)
    assert run(command(file, *credentials(stack, tmp_path), *more)) == Exit.USAGE
    assert told in capsys.readouterr().err
