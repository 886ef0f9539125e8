"""Between rooms and in each: what import-linter's contracts would not notice by themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from services.assembly.registry import SERVICES, WRITE_SERVICES

ROOT = Path(__file__).parents[2]
SHARED = {"services.insights.facts"}  # no room: how all families read an event


def rooms_of(service: str) -> Iterator[str]:
    for path in sorted((ROOT / "services" / service).glob("*/__init__.py")):
        yield f"services.{service}.{path.parent.name}"


def reached_into(graph: grimp.ImportGraph, rooms: set[str]) -> Iterator[str]:
    """What a room imports of another that is not the other's domain."""
    for room in sorted(rooms):
        for importer in {room} | graph.find_descendants(room):
            for imported in graph.find_modules_directly_imported_by(importer):
                other = ".".join(imported.split(".")[:3])
                if other in rooms - {room} and imported != f"{other}.domain":
                    yield f"{importer} -> {imported}"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", cache_dir=None)


@pytest.mark.parametrize("service", WRITE_SERVICES)
def test_a_room_knows_of_another_its_domain(service: str, graph: grimp.ImportGraph) -> None:
    assert not list(reached_into(graph, set(rooms_of(service))))


def test_more_would_be_noticed(graph: grimp.ImportGraph) -> None:
    insights = {"services.insights.caseload", "services.insights.live"}
    found = list(reached_into(graph, insights))  # where a live caseload is made as the other is
    assert "services.insights.live.read -> services.insights.caseload.caseloads" in found


def test_every_room_has_its_layers() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layered = {
        container
        for contract in stated["contracts"]
        if contract["type"] == "layers" and contract.get("exhaustive")
        for container in contract.get("containers", ())
    }
    rooms = {room for service in SERVICES for room in rooms_of(service)}
    assert len(rooms) > 15
    assert rooms - SHARED == {each for each in layered if each.count(".") == 2}
