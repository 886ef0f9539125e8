"""Settings of all tests, also where they run in several processes."""

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from services.ctl.engines import ports
from tests.support.garbage import let_be
from tests.support.once import found_once
from tests.support.promtool import promtool

# No test fails because the machine is busy. What CI's profile sets besides stays as it is.
settings.register_profile(
    "untimed", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("untimed")
found_once()

# Each of several processes of pytest gives out ports of its own: one that is chosen is free until
# it is used, and again while its server is down.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
ports.PORTS = ports.PORTS[_worker::_workers]

EVALUATES = "tests/deploy/test_promtool.py"
STACK = "tests/e2e/"  # its files share a stack
ALONE = "tests/e2e/test_up.py"  # but not this one, which takes long and so begins, as these do
LONG = (ALONE, *(f"tests/component/test_{name}.py" for name in (
    "simulation", "schemathesis", "who_may_by_consent", "hostile_grpc"
)))  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What all tests are made of stays: the garbage collector does not look through it while it
    is made, nor again and again after that, and seldom at what tests make."""
    gc.disable()
    try:
        return (yield)
    finally:
        let_be()
        gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Who evaluates nothing has passed all the same, and so it is told."""
    passed = terminalreporter.getreports("passed")
    found = sum(each.nodeid.startswith(EVALUATES) for each in passed)
    if found and not promtool():
        terminalreporter.write_line(f"no promtool: {found} tests of alerts evaluated none of them")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """As `--dist loadfile` has it, but files that share a stack stay together, too."""
    from xdist.scheduler import LoadFileScheduling

    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = never_parted
    return scheduling


def never_parted(nodeid: str) -> str:
    """The name of what this test belongs to."""
    file = nodeid.partition("::")[0]
    return STACK if file.startswith(STACK) and file != ALONE else file
