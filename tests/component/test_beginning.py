"""A service that is told to end while it begins: it ends at once or drains, and says no error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from services.assembly.registry import SERVICES
from services.ctl.engines.ports import pick_port
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
TERM = 1 << (signal.SIGTERM - 1)
_COLLECTS = """
import gc
from services.chassis.beginning import begin
begin()
from services.chassis.runner import spare_collector
print(gc.isenabled())
spare_collector()
print(gc.isenabled())
"""


class Beginning:
    """A process of a service whose engines are away; `told`: SIGTERM waits for it from its very
    first instant."""

    def __init__(self, folder: Path, service: str, told: bool, settings: Mapping[str, str]) -> None:
        self.port = pick_port()
        self._out = folder / "out"
        nowhere = f"127.0.0.1:{pick_port()}"
        env = {
            **os.environ,
            "ENVIRONMENT": "test",
            "HOST": "127.0.0.1",
            "REST_PORT": "0",
            "GRPC_PORT": "0",
            "INTERNAL_PORT": str(self.port),
            "LEAVE_SECONDS": "0",
            "KAFKA_BOOTSTRAP_SERVERS": nowhere,
            "MONGODB_URI": f"mongodb://{nowhere}",
            **settings,
        }
        with self._out.open("wb") as out, _blocked(told):
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            if told:
                self.tell()

    def tell(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> tuple[int, str]:
        await eventually(lambda: self.process.poll() is not None, timeout=60)
        return self.process.returncode, self.output

    @property
    def output(self) -> str:
        return self._out.read_text()

    def hears(self) -> bool:
        """Whether it has a handler for SIGTERM."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        caught = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
        return bool(int(caught, 16) & TERM)

    def has_loaded(self, library: str) -> bool:
        return library in Path(f"/proc/{self.process.pid}/maps").read_text()

    def answers(self) -> bool:
        try:
            return httpx2.get(f"http://127.0.0.1:{self.port}/livez").is_success
        except httpx2.HTTPError:
            return False


@contextmanager
def _blocked(told: bool) -> Iterator[None]:
    """A child is born with its parent's blocked signals, and blocks them too."""
    if told:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        yield
    finally:
        if told:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


@contextmanager
def beginning(
    folder: Path, service: str, told: bool = False, **settings: str
) -> Iterator[Beginning]:
    made = Beginning(folder, service, told, settings)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_signal_that_is_there_before_the_first_line_ends_it(
    service: str, tmp_path: Path
) -> None:
    with beginning(tmp_path, service, told=True) as process:
        code, output = await process.ended()
        assert (code, output) == (0, '{"event":"ended_before_it_began","level":"info"}\n')


def test_garbage_is_looked_for_once_everything_is_imported() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _COLLECTS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"ENVIRONMENT": "production"}, "KAFKA_SECURITY_PROTOCOL"),
        ({"MONGODB_URI": "mongodb://goals:hush@/"}, "MONGODB_URI"),
        ({"MONGODB_URI": "mongodb://goals:hu:sh@db:70000"}, "MONGODB_URI"),
    ],
)
async def test_engines_that_cannot_be_meant_end_it_with_one_line(
    settings: dict[str, str], says: str, tmp_path: Path
) -> None:
    with beginning(tmp_path, "goals", False, **settings) as process:
        code, output = await process.ended()
        assert (code, output.count("\n")) == (2, 1)
        assert output.startswith("goals: ")
        assert says in output
        assert "hu" not in output


MOMENTS: dict[str, Callable[[Beginning], bool]] = {
    "it hears": Beginning.hears,
    "it has imported pydantic": lambda process: process.has_loaded("_pydantic_core"),
    "it has imported uvloop": lambda process: process.has_loaded("uvloop"),
    "it has imported gRPC": lambda process: process.has_loaded("cygrpc"),
    "it has said something": lambda process: bool(process.output),
    "it answers": Beginning.answers,
}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_signal_while_it_begins_ends_it_in_order(moment: str, tmp_path: Path) -> None:
    with beginning(tmp_path, "goals") as process:
        await eventually(lambda: MOMENTS[moment](process), timeout=60)
        process.tell()
        code, output = await process.ended()
        assert code == 0, output
        assert "Traceback" not in output
        assert "role_ended" not in output
        assert "role_cancelled" not in output
