"""`make quick` runs what is about a room, its component tests among it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.assembly.registry import SERVICES
from tests.quick import ROOT, SUITES, WHOLE, OfService, files_about, services_of

# Of component tests those that have a service as an example of all, or are about a part beside it.
EXAMPLES = {
    "test_artifact_erasures.py": "what all services erase",
    "test_cli_first.py": "the command line, with a roster to send",
    "test_cli_looks.py": "the command line",
    "test_cli_measure.py": "the command line",
    "test_cli_tree.py": "the command line",
    "test_districts_erased.py": "what all services erase",
    "test_doctor_checks.py": "the doctor",
    "test_explaining.py": "the command line, which asks the access views",
    "test_grpc_edge.py": "the edge",
    "test_holds_on_others.py": "what all services keep",
    "test_holds_unheard.py": "what all services keep",
    "test_hostile_records.py": "records of all topics, as insights reads them",
    "test_hostile_tokens.py": "the doors",
    "test_http_serving.py": "the server",
    "test_meeting_shares_called_off.py": "what all services share",
    "test_leaving.py": "the end of a process",
    "test_local_days.py": "days, wherever they are asked for",
    "test_merges_simulated.py": "records that become one in all services",
    "test_rate_limits_of_districts.py": "the doors",
    "test_replays.py": "keys of callers",
    "test_retention.py": "what all services let go",
    "test_retries.py": "keys of callers",
    "test_shares_erased.py": "what all services erase",
    "test_simulation.py": "the platform",
    "test_unknown_fields.py": "the edge",
    "test_unwelcome.py": "the doors",
}


def test_a_room_has_the_component_tests_of_its_service_that_import_it() -> None:
    found = files_about("insights/caseload")
    assert "tests/unit/insights/test_caseload_entry.py" in found
    assert "tests/component/insights/test_caseload_api.py" in found
    assert "tests/component/insights/test_timeline.py" not in found


@pytest.mark.parametrize(
    ("room", "name"),
    [
        ("goals/goal", "test_goal_progress.py"),
        ("programs/relationship", "test_carrying_over.py"),  # which imports it
        ("programs/relationship", "test_relationships.py"),  # which calls its API
        ("observations/observation", "test_observation_writes.py"),
        ("surveys/administration", "test_survey_races.py"),
        ("roster/person", "test_provisional.py"),
        ("privacy/look", "test_looks_collected.py"),
    ],
)
def test_a_write_room_has_its_component_tests(room: str, name: str) -> None:
    assert name in {Path(each).name for each in files_about(room) if "component" in each}


def test_a_component_test_of_one_service_stands_in_its_folder() -> None:
    """Else no `make quick` of a room runs it."""
    flat = (ROOT / "tests/component").glob("test_*.py")
    assert {path.name for path in flat if len(services_of(path)) == 1} == EXAMPLES.keys()


def test_a_service_has_all_of_its_folders() -> None:
    found = set(files_about("insights"))
    for folder in ("unit", "component"):
        own = (ROOT / "tests" / folder / "insights").glob("test_*.py")
        assert found >= {each.relative_to(ROOT).as_posix() for each in own}


def test_every_room_has_some() -> None:
    rooms = [path for each in SERVICES for path in ROOT.glob(f"services/{each}/*/operations.py")]
    assert rooms
    for each in rooms:
        room = each.parent.relative_to(ROOT / "services").as_posix()
        assert files_about(room), room


def test_whatever_contributors_are_told_by_is_run() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    tables = [line for line in page.splitlines() if line.startswith("|")]
    told = set(re.findall(r"\btest_\w+\.py", "\n".join(tables)))
    assert len(told) > 8
    run = [*files_about("goals/goal"), *SUITES, *WHOLE]
    assert told <= {Path(each).name for each in run}


@pytest.mark.parametrize("suite", SUITES)
def test_of_a_suite_what_is_about_another_service_is_left_out(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOLDEN", raising=False)
    of_all = SimpleNamespace(path=ROOT / suite)
    own, other = (
        SimpleNamespace(path=ROOT / suite, callspec=SimpleNamespace(params={"service": name}))
        for name in ("goals", "surveys")
    )
    items: list[Any] = [of_all, own, other]
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config: Any = SimpleNamespace(hook=hook)
    OfService("goals").pytest_collection_modifyitems(config, items)
    assert items == [of_all, own]
