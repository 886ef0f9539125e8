"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis import metrics
from services.chassis.metrics import Metric

ROOT = Path(__file__).parents[2]

# Who may speak the published language.
MESSAGE_READERS = (
    "services/*/*/codec.py",
    "services/*/*/operations.py",
    "services/*/*/duties.py",
    "services/programs/request/ending.py",
    "services/programs/relationship/going_on.py",
    "services/insights/facts/*.py",
    "services/insights/*/fold.py",
    "services/insights/caseload/ignored.py",
    "services/access/*.py",
    "services/assembly/api.py",
    "services/chassis/edge/journal_rpc.py",
    "services/chassis/edge/journal_records.py",
    "services/chassis/edge/follow_rpc.py",
    "services/ctl/*.py",
    "services/ctl/*/*.py",
)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def business_words(text: str) -> Iterator[str]:
    """What a mechanism must not speak of. Where the published language is imported or named by its
    package, that is no word; a district is whoever the data belongs to, and a person who asks."""
    words = (
        "teacher coach goal survey roster student pupil observation school caseload lesson "
        "instrument relationship classroom rubric"
    ).split()
    spoken = re.sub(r"\bcoaching\.[a-z]+\.v1\b|coaching/", "", text)
    for word in re.findall(r"[A-Za-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", spoken)):
        if any(word.lower().startswith(each) for each in words):
            yield word


def test_the_chassis_speaks_no_business_word() -> None:
    files = [path for path in (ROOT / "services/chassis").rglob("*.*") if path.suffix != ".pyc"]
    assert len(files) > 100
    found = {
        f"{path.relative_to(ROOT)}: {word}"
        for path in files
        for word in business_words(path.read_text())
    }
    assert not found


def test_a_business_word_would_be_noticed() -> None:
    assert list(business_words('"""As a teacher does."""\nclass SchoolYear: ...')) == [
        "teacher",
        "School",
    ]
    assert not list(business_words("from coaching.journal.v1 import journal_pb2"))


@pytest.mark.parametrize(
    ("folder", "limit"),
    [("services", 300), ("tests", 400), ("bench", 300), ("clients/python/tandem_client", 300)],
)
def test_no_file_is_too_long(folder: str, limit: int) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(folder)
        if (lines := len(path.read_text().splitlines())) > limit
    }
    assert not long


def test_the_python_client_knows_nothing_of_the_services() -> None:
    files = sources("clients/python/tandem_client", "clients/python/examples")
    assert len(files) > 5
    known = {*sys.stdlib_module_names, "coaching", "google", "grpc", "tandem_client"}
    for path in files:
        brought = {"aiokafka"} if path.name == "consume.py" else set()  # which says so
        assert {name.partition(".")[0] for name in imported(path)} <= known | brought, path


def test_generated_messages_are_read_at_the_borders_only() -> None:
    strangers = [
        str(path.relative_to(ROOT))
        for path in sources("services")
        if any(name.partition(".")[0] == "coaching" for name in imported(path))
        and not any(path.relative_to(ROOT).match(pattern) for pattern in MESSAGE_READERS)
    ]
    assert not strangers


def declared_metrics() -> dict[str, Metric[Any]]:
    return {name: value for name, value in vars(metrics).items() if isinstance(value, Metric)}


def test_every_metric_is_declared_once() -> None:
    names = [metric.name for metric in declared_metrics().values()]
    assert len(names) == len(set(names))
    for metric in declared_metrics().values():
        assert re.fullmatch(r"[a-z][a-z0-9_]+", metric.name)
        assert metric.help


def test_every_metric_is_used() -> None:
    text = "\n".join(path.read_text() for path in sources("services") if path.name != "metrics.py")
    unused = [name for name in declared_metrics() if not re.search(rf"\b{name}\b", text)]
    assert not unused


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    listed = {line.split()[0] for line in told.splitlines() if line.strip()}
    assert listed == set(phony[1].split())


def test_images_are_named_by_their_patch() -> None:
    images = re.findall(r"image: *(\S+)", (ROOT / "deploy/local/compose.yaml").read_text())
    assert len(images) == 2
    for image in images:
        assert re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+", image), image


def test_nothing_generated_is_edited_by_hand() -> None:
    for path in sources("clients/python/coaching"):
        first = "\n".join(path.read_text().splitlines()[:2])
        assert "DO NOT EDIT" in first or "Generated by" in first or path.name == "__init__.py"


def test_no_secret_print_or_skip_hides_in_the_tests() -> None:
    marks = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail)\b|time\.sleep\(")
    here = Path(__file__)
    found = [
        str(path.relative_to(ROOT))
        for path in sources("tests")
        if path != here and marks.search(path.read_text())
    ]
    assert not found
