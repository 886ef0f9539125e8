"""Who may is decided on the guarded path (`services/access/guarded.py`), from an operation's policy
and from whom it is about. A use case that asked by itself could forget to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKS = {"allow", "allow_many"}
ROSTER = "services/roster"
# What asks by itself, and why no shape fits. All ask before anything is read.
BY_HAND = {
    "services/programs/relationship/carrying_over.py:carry_over_relationships": (
        "a command about a hundred people, who are known once it has read them"
    ),
    f"{ROSTER}/class_/cases.py:list_classes": "a page of things that are each about several people",
    f"{ROSTER}/experience/cases.py:state": "a command about the people of its rows",
    f"{ROSTER}/imports/operations.py:ImportRoster": "a stream, of which nothing is taken before",
    f"{ROSTER}/imports/operations.py:import_zip": "a body, of which nothing is taken before",
    f"{ROSTER}/imports/starting.py:find_import": "about nobody; a job is no aggregate",
    f"{ROSTER}/imports/starting.py:list_imports": "about nobody; a job is no aggregate",
    f"{ROSTER}/person/cases.py:list_people": "a page of people, which list_staff shares",
    f"{ROSTER}/person/cases.py:list_staff": "a page of people of an org that a grant has to name",
}
# What is asked of the guarded path itself before, by a list that is the caller's own or all.
GUARDED_BEFORE = {"ports.classes.own_or_all", "ports.classes.find"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def within(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function in the order of its text, not in those inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, Function):
            yield from within(child)


def asking(text: str) -> Iterator[Function]:
    """The functions that ask who may by themselves."""
    for each in ast.walk(ast.parse(text)):
        if isinstance(each, Function) and any(map(asks, within(each))):
            yield each


def asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ASKS


@cache
def found() -> Sequence[tuple[str, Function]]:
    paths = sorted((ROOT / "services").rglob("*.py"))
    outside = [path for path in paths if not path.is_relative_to(ROOT / "services/access")]
    return [
        (f"{path.relative_to(ROOT)}:{each.name}", each)
        for path in outside
        for each in asking(path.read_text())
    ]


def test_no_use_case_decides_who_may() -> None:
    assert sorted(name for name, _ in found()) == sorted(BY_HAND)


@pytest.mark.parametrize(
    ("name", "function"), [pytest.param(*each, id=each[0]) for each in found()]
)
def test_what_asks_by_itself_does_so_before_it_reads(name: str, function: Function) -> None:
    awaited = [
        ast.unparse(each.value.func)
        for each in within(function)
        if isinstance(each, ast.Await) and isinstance(each.value, ast.Call)
    ]
    (first, *_) = [each for each in awaited if each not in GUARDED_BEFORE]
    assert first.rpartition(".")[2] in ASKS, name


def test_one_more_would_be_noticed() -> None:
    text = "async def read(ports, call):\n    await ports.access.allow_many(call)\n"
    assert [each.name for each in asking(text)] == ["read"]
    assert not list(asking(text.replace("allow_many", "today")))
