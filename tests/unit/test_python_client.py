"""What the Python client makes of addresses and events, and what its wheel holds."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import grpc
import pytest

from services.ctl.docs_events import GOLDEN, events_of
from services.ctl.protos import read_proto
from tandem_client import Retry, TandemError
from tandem_client.channel import target_of
from tests.support.wheels import ROOT, built

FOLDER = ROOT / "clients/python"


@pytest.mark.parametrize(
    ("address", "target", "secure"),
    [
        ("https://tandem.example.org", "tandem.example.org:443", True),
        ("https://tandem.example.org:8443/", "tandem.example.org:8443", True),
        ("http://goals:9090", "goals:9090", False),
        ("tandem.example.org:9090", "tandem.example.org:9090", True),
        ("10.0.0.7:9090", "10.0.0.7:9090", True),
        ("127.0.0.1:8202", "127.0.0.1:8202", False),
        ("localhost:8202", "localhost:8202", False),
        ("[::1]:8202", "[::1]:8202", False),
    ],
)
def test_a_token_leaves_the_machine_with_tls_unless_told_otherwise(
    address: str, target: str, secure: bool
) -> None:
    assert target_of(address) == (target, secure)


@pytest.mark.parametrize(
    "address", ["", "goals", "dns:///goals:9090", "https://a/goals/v1", "https://me@a", "a:b"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|[Pp]ort|host"):
        target_of(address)


def test_it_never_comes_back_sooner_than_it_is_told_to() -> None:
    limited = grpc.StatusCode.RESOURCE_EXHAUSTED
    told = TandemError(limited, "too_many_requests", "", retry_after=20.0)
    soon = Retry(pause=0.001, longest=0.001)
    assert told.passing
    assert all(20 <= soon.seconds(failures, told) <= 30 for failures in range(1, 6))
    assert soon.seconds(1) < 1


def test_every_event_is_known_to_the_client() -> None:
    """By itself: here other modules may have made it known."""
    named = []
    for path in (ROOT / "proto").rglob("*events.proto"):
        package = ".".join(path.relative_to(ROOT / "proto").parts[:-1])
        for event in events_of(read_proto(path)):
            assert (GOLDEN / path.parts[-3] / f"{event.name}.json").exists()
            named.append(f"{package}.{event.name}")
    ask = "import sys; from tandem_client import event_of; "
    ask += "print(*(each for each in sys.argv[1:] if event_of(each, b'') is None))"
    told = subprocess.run(
        [sys.executable, "-c", ask, *named], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == []
    assert len(named) > 60


def test_the_wheel_is_complete_and_the_same_each_time(tmp_path: Path) -> None:
    wheel = built(tmp_path / "1")
    assert wheel.read_bytes() == built(tmp_path / "2").read_bytes()
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (about,) = (name for name in names if name.endswith("/METADATA"))
        told = Parser().parsestr(packed.read(about).decode())
    files = [*FOLDER.glob("coaching/**/*.*"), *FOLDER.glob("tandem_client/**/*.*")]
    kept = {str(each.relative_to(FOLDER)) for each in files if each.suffix != ".pyc"}
    assert {"coaching/py.typed", "tandem_client/py.typed", "tandem_client/aio.py"} <= kept
    assert {name for name in names if ".dist-info/" not in name} == kept
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert told["Version"] == project["project"]["version"]
    assert told["License-Expression"] == "Apache-2.0"


def test_the_wheel_is_built_with_the_locked_backend() -> None:
    own = tomllib.loads((FOLDER / "pyproject.toml").read_text())["build-system"]["requires"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert own == project["build-system"]["requires"]
    assert set(own) <= set(project["project"]["optional-dependencies"]["dev"])
