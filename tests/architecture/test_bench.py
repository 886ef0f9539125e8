"""The benchmarks run rarely, and beside libraries that are not here: what they import of ours is
looked for, so that a name that moves does not leave them behind."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("services", "coaching")
FILES = sorted((ROOT / "bench").rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS:
            for each in node.names:
                yield str(node.module), each.name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_benchmark_imports_is_there(path: Path) -> None:
    missing = [
        f"{module}.{name}"
        for module, name in imported(path)
        if not hasattr(importlib.import_module(module), name)
        and find_spec(f"{module}.{name}") is None
    ]
    assert not missing
