"""What a new service touches: the registry, its own folder, its proto and its tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from services.assembly.registry import SERVICES, TOPICS, VIEWS, WRITE_SERVICES
from services.chassis.views.projection import topics_of
from services.ctl import docs_events
from services.ctl.local.ensure import bootstrap_of
from services.ctl.protos import read_proto
from tests.support.platform import Platform

ROOT = Path(__file__).parents[2]
REGISTRY = ROOT / "services/assembly/registry.py"
# The topics that were ever read, by number: what is past is said again.
HISTORY = ROOT / "tests/unit/test_projection.py"
BELOW = ("services.assembly", "services.access", "services.chassis", "coaching")


def texts(node: ast.AST) -> Iterator[str]:
    """The texts in a literal list, tuple or set, or the keys of a literal dictionary."""
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            inside = node.elts
        case ast.Dict():
            inside = [key for key in node.keys if key is not None]
        case _:
            return
    for each in inside:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def lists_of_services(path: Path) -> Iterator[int]:
    """The lines where every write service is listed, by its name or that of its topic."""
    text = path.read_text()
    if any(name not in text for name in WRITE_SERVICES):
        return  # for parsing takes long
    for node in ast.walk(ast.parse(text)):
        named = {each.removeprefix("coaching.").removesuffix(".v1") for each in texts(node)}
        if named >= set(WRITE_SERVICES):
            assert isinstance(node, ast.expr)
            yield node.lineno


def test_nobody_else_lists_the_services() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("services", "tests", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path not in (REGISTRY, HISTORY)
        for line in lists_of_services(path)
    ]
    assert not found


def test_a_list_would_be_noticed(tmp_path: Path) -> None:
    listing = tmp_path / "listing.py"
    listing.write_text(f"a = {list(WRITE_SERVICES)}\nb = {dict.fromkeys(TOPICS)}\nc = ['roster']")
    assert list(lists_of_services(listing)) == [1, 2]


def test_services_stand_above_assembly_and_do_not_know_each_other() -> None:
    graph = grimp.build_graph("services", "coaching", cache_dir=None)
    each = frozenset(f"services.{name}" for name in SERVICES)
    assert graph.find_children("services") == {
        *each,
        *BELOW[:-1],
        "services.ctl",
        "services.__main__",  # the way into the image
    }
    layers = ("services.ctl", grimp.Layer(*each, independent=True), *BELOW)
    wrong = graph.find_illegal_dependencies_for_layers(
        layers=[each if isinstance(each, grimp.Layer) else grimp.Layer(each) for each in layers]
    )
    assert not wrong, sorted(f"{each.importer} -> {each.imported}" for each in wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_named_as_its_folder(service: str) -> None:
    assert service == bootstrap_of(service).NAME
    assert (ROOT / "proto/coaching" / service / "v1").is_dir()


def test_who_has_a_topic_publishes_what_its_proto_states() -> None:
    for name, declared in SERVICES.items():
        packages = {read_proto(path).package for path in docs_events.event_files(name)}
        assert packages == ({declared.topic} if name in WRITE_SERVICES else set())
        assert topics_of([f"{declared.topic}.Said"]) == (declared.topic,)


def test_services_have_the_views_that_are_declared() -> None:
    made = {
        projector.projection.group: name
        for name, service in Platform().services.items()
        for projector in service.projectors
    }
    assert made == VIEWS


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_every_service_is_in_the_tables(page: str) -> None:
    told = (ROOT / page).read_text()
    for name in SERVICES:
        assert re.search(rf"^\| {name} \| ", told, re.MULTILINE), name
