"""When the certificates in a process's files end is among its metrics, as the files are now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import load
from services.ctl.local.ensure import bootstrap_of
from tests.support.certificates import Authority, replace


class Process:
    """With the files of `folder`."""

    def __init__(self, folder: Path) -> None:
        told = {"KAFKA_CA_FILE": "ca.crt"}
        told |= {f"KAFKA_{part}_FILE": f"client.{end}" for part, end in PAIR}
        files = {name.lower(): str(folder / path) for name, path in told.items()}
        bootstrap = bootstrap_of("goals")
        settings = load(
            bootstrap.Settings, environment="test", kafka_security_protocol="SSL", **files
        )
        self.metrics = bootstrap.build(settings, memory(MemoryLog())).app.state.gate.metrics

    def days_left(self) -> dict[str, int]:
        """By setting, to the nearest; -1 for what cannot be read."""
        text = self.metrics.exposition().decode()
        found = re.findall(r'^tandem_certificate_end_seconds{setting="(\w+)"} (\S+)$', text, re.M)
        ends = {name: float(value) for name, value in found}
        now = datetime.now(UTC).timestamp()
        return {name: round((end - now) / DAY) if end else -1 for name, end in ends.items()}


PAIR = (("CERT", "crt"), ("KEY", "key"))
DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def process(tmp_path: Path) -> Process:
    authority = Authority("first", days=30)
    authority.write(tmp_path, "client")
    replace(tmp_path / "ca.crt", authority.pem)
    return Process(tmp_path)


def test_each_file_of_certificates_has_its_end(process: Process) -> None:
    assert process.days_left() == {"KAFKA_CA_FILE": 30, "KAFKA_CERT_FILE": 30}


def test_what_is_replaced_has_another_and_what_cannot_be_read_none(
    process: Process, tmp_path: Path
) -> None:
    cert, _ = Authority("second", days=90).issue("goals")
    replace(tmp_path / "client.crt", cert)
    assert process.days_left()["KAFKA_CERT_FILE"] == 90
    replace(tmp_path / "client.crt", b"no certificate")
    assert process.days_left()["KAFKA_CERT_FILE"] == -1
    replace(tmp_path / "client.crt", cert)
    assert process.days_left()["KAFKA_CERT_FILE"] == 90


def test_of_authorities_the_last_to_end_counts_of_a_chain_the_first(
    process: Process, tmp_path: Path
) -> None:
    short, long = Authority("short", days=5), Authority("long", days=400)
    replace(tmp_path / "ca.crt", short.pem + long.pem)
    replace(tmp_path / "client.crt", long.issue("goals")[0] + short.pem)
    assert process.days_left() == {"KAFKA_CA_FILE": 400, "KAFKA_CERT_FILE": 5}
