"""The tests of one room, without engines: `make quick T=goals/goal`, or `T=goals`.

They are those of `unit`, of `contract` and of its service's folder in `component` that import what
is in `services/<T>`, those of that folder that import nothing of any service, since they call its
API, those of `unit` that read what its service publishes, all in folders of its name, and of the
suites over all services its part; with GOLDEN=write all of them.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from services.assembly.registry import SERVICES
from tests.support.operations import Route

ROOT = Path(__file__).parents[1]
KINDS = ("unit", "contract", "component")
SUITES = (
    "tests/contract/test_codes.py",
    "tests/contract/test_exchanges.py",
    "tests/contract/test_golden_states.py",
    "tests/contract/test_examples.py",
    "tests/contract/test_openapi.py",
    "tests/component/test_allowed.py",
    "tests/component/test_who_may.py",
)
WHOLE = (
    "tests/contract/test_data_schedule.py",
    "tests/contract/test_docs.py",
    "tests/contract/test_draft_kinds.py",
    "tests/contract/test_nothing_forgotten.py",
    "tests/contract/test_protos.py",
    "tests/contract/test_references.py",
    "tests/unit/insights/test_caseload_entry.py",  # shows what others publish
    "tests/architecture",
)


class OfService:
    """Leaves out of the suites what is about other services."""

    def __init__(self, service: str) -> None:
        self.service = service

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if os.environ.get("GOLDEN") == "write":  # what is new is in the examples of others, too
            return
        others = [each for each in items if self._about_another(each)]
        config.hook.pytest_deselected(items=others)
        items[:] = [each for each in items if each not in others]

    def _about_another(self, item: pytest.Item) -> bool:
        if item.path.relative_to(ROOT).as_posix() not in SUITES:
            return False
        params = item.callspec.params if hasattr(item, "callspec") else {}
        route = params.get("route")
        about = route.service if isinstance(route, Route) else params.get("service", self.service)
        return about != self.service


def services_of(path: Path) -> set[str]:
    """Those of which a test imports something."""
    found = re.findall(r"^(?:from|import) services\.(\w+)", path.read_text(), re.MULTILINE)
    return set(found) & SERVICES.keys()


def files_about(room: str) -> list[str]:
    name = re.compile(rf"\bservices[./]{re.escape(room).replace('/', '[./]')}\b")
    published = re.compile(rf"\bcoaching\.{re.escape(room.partition('/')[0])}\b")
    found = []
    for kind in KINDS:
        own = ROOT / "tests" / kind / room
        of_service = ROOT / "tests" / kind / room.partition("/")[0]
        for path in sorted((ROOT / "tests" / kind).rglob("test_*.py")):
            read = kind != "component" or path.is_relative_to(of_service)
            text = path.read_text() if read else ""
            reads = kind == "unit" and published.search(text)
            calls = kind == "component" and read and not services_of(path)
            if reads or calls or name.search(text) or path.is_relative_to(own):
                found.append(path.relative_to(ROOT).as_posix())
    return found


if __name__ == "__main__":
    room = sys.argv[1].strip("/")
    chosen = OfService(room.partition("/")[0])
    sys.exit(
        pytest.main(
            ["-q", "--show-capture=no", *files_about(room), *SUITES, *WHOLE], plugins=[chosen]
        )
    )
