"""Which codes of problems a function may bring about, by what stands in the code: in itself, in
what it calls by name, and in the methods of what its room works with.

It finds too many rather than too few: a method is followed in every class that its module knows and
that has one of the name. What the chassis and the guarded path may answer is left to `shapes`.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from services.chassis.kernel import Kind
from services.ctl.docs_errors import made

Found = set[tuple[Kind, str]]
# What any operation may answer: see `shapes`.
_ACCESS = "services.access.access"
_ELSEWHERE = ("services.chassis.", "services.access.guarded")


def codes_of(start: Iterable[object]) -> Found:
    """`start`: functions, methods and what else Python can name of a service."""
    found, seen = Found(), set[object]()
    ahead = list(start)
    while ahead:
        each = inspect.unwrap(ahead.pop())  # type: ignore[arg-type] # whatever it is
        if not isinstance(each, FunctionType) or each in seen:
            continue
        seen.add(each)
        if _is_own(each):
            said, called = _read(each)
            found |= said
            ahead += called
    return found


@cache  # many operations reach the same
def _read(function: FunctionType) -> tuple[Found, list[object]]:
    node = _node(function)
    return _said(node, function.__module__), list(_called(node, function))


def _is_own(function: FunctionType) -> bool:
    if function.__module__ == _ACCESS:  # whoever answers with a fault is asked for it
        return "Fault" in str(function.__annotations__.get("return"))
    return function.__module__.startswith("services.") and not function.__module__.startswith(
        _ELSEWHERE
    )


def said_in(module: str) -> Found:
    """All that stands in a module."""
    import_module(module)
    return _said(_tree(module), module)


def _said(node: ast.AST, module: str) -> Found:
    """Of it and of the constants of its module that it names."""
    tree, named = _tree(module), _assigned(module)
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    constants = [
        each.value
        for each in tree.body
        if isinstance(each, ast.Assign)
        and any(isinstance(to, ast.Name) and to.id in names for to in each.targets)
    ]
    return {
        (kind, code)
        for each in (node, *constants)
        for call in ast.walk(each)
        if isinstance(call, ast.Call)
        for kind, code, _ in made(call, named)
    }


def _called(node: ast.AST, of: FunctionType) -> Iterator[object]:
    """Whatever it names: called, passed on or read."""
    names = {**of.__globals__, **inspect.getclosurevars(of).nonlocals}
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in names:
            yield from _meant(names[each.id])
        elif isinstance(each, ast.Attribute):
            owner = names.get(each.value.id) if isinstance(each.value, ast.Name) else None
            if isinstance(owner, ModuleType):
                yield from _meant(getattr(owner, each.attr, None))
            else:
                for known in _classes(of.__module__):
                    yield _function(inspect.getattr_static(known, each.attr, None))


def _meant(value: Any) -> Iterator[object]:
    if isinstance(value, type):
        yield from (_function(inspect.getattr_static(value, each, None))
                    for each in ("__init__", "__post_init__"))  # fmt: skip
    else:
        yield value


def _function(member: Any) -> object:
    if isinstance(member, property):
        return member.fget
    return getattr(member, "__func__", member)


@cache
def _classes(module: str) -> tuple[type, ...]:
    """Those that a module may work with: whatever it imports, and those of its room. All of
    `services.access` is no room: what of it happens to be imported is nothing to go by."""
    room = f"{module.rpartition('.')[0]}."
    loaded = {} if room == "services.access." else sys.modules
    beside = [each for name, each in loaded.items() if name.startswith(room)]
    found = {
        value: None
        for each in (sys.modules[module], *beside)
        for value in vars(each).values()
        if isinstance(value, type) and value.__module__.startswith("services.")
    }
    return tuple(found)


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(Path(str(sys.modules[module].__file__)).read_text())


@cache
def _assigned(module: str) -> list[ast.Assign]:
    return [each for each in ast.walk(_tree(module)) if isinstance(each, ast.Assign)]


def _node(function: FunctionType) -> ast.AST:
    line = function.__code__.co_firstlineno
    for node in ast.walk(_tree(function.__module__)):
        begins = getattr(node, "decorator_list", None)
        first = begins[0].lineno if begins else getattr(node, "lineno", 0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and first == line:
            return node
    return ast.Module([], [])  # made by a library, such as the methods of a dataclass
