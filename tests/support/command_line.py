"""A local stack for the command line, of services that answer as they are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.assembly.registry import SERVICES
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.stack import PortNumbers, Stack
from tests.support.fake_services import FakeServices, fake_services


def ports_of(fake: FakeServices) -> dict[str, PortNumbers]:
    port = int(fake.url.rpartition(":")[2])
    return {each: PortNumbers(port, 1, 1) for each in SERVICES}


@contextmanager
def local_stack(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[FakeServices]:
    """Fake services as the local stack of this folder, and nothing that names others."""
    for name in ("TANDEM_URL", "TANDEM_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TANDEM_LOCAL", str(folder))
    with fake_services() as fake:
        Stack("k", "m", ports_of(fake), {"coach": "coach-01"}).save(folder)
        write_districts(folder, DEMO)
        yield fake
