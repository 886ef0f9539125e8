"""One good JSON body, broken in one place at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.operations import Route, Schema

CANARY = "Zanzibar77"
_HOLE = "@hole@"

# What is valid nowhere, as JSON text.
NEVER = [
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"1_000",
    b"0x10",
    b"01",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"9" * 400,
    b"1" * 5_000,
    rb'"\ud800"',
    rb'"Zanzibar77\udfff"',
    b'"Zanzibar77\xed\xa0\x80"',
    b'"Zanzibar77\xff"',
    rb'"Zanzibar77\u0000"',
    rb'"Zanzibar77\u0007"',
    b'"Zanzibar77\x7f"',
    rb'"Zanzibar77\u009b"',
    b'"' + b"Zanzibar77" * 1_200 + b'"',
    b'{"$where":"Zanzibar77"}',
    b'{"$gt":""}',
    b'{"Zanzibar77.x":1}',
    b'{"":"Zanzibar77"}',
    b'{"Zanzibar77":"Zanzibar77"}',
    b'{"a":1,"a":2}',
    b"[" * 30 + b"]" * 30,
    b'{"a":' * 30 + b"1" + b"}" * 30,
    b"[" * 5_000 + b"]" * 5_000,
    b"'Zanzibar77'",
    b"undefined",
]
# What is valid for some types only: text -> the JSON schema types that take it.
SOMETIMES: list[tuple[bytes, frozenset[str]]] = [
    (b'"Zanzibar77"', frozenset({"string"})),
    (b'"1"', frozenset({"string"})),
    (b'""', frozenset({"string"})),
    (b"7", frozenset({"integer", "number"})),
    (b"1.5", frozenset({"number"})),
    (b"true", frozenset({"boolean"})),
    (b"null", frozenset({"null"})),
    (b"[]", frozenset({"array"})),
    (b"{}", frozenset({"object"})),
]
# Whole bodies: text, and the statuses that fit.
WHOLE: list[tuple[bytes, frozenset[int]]] = [
    (b"", frozenset({422})),
    (b" ", frozenset({400})),
    (b"{", frozenset({400})),
    (b'{"a":1}{"b":2}', frozenset({400})),
    (b"\xef\xbb\xbf{}", frozenset({400})),
    ('{"Zanzibar77":1}'.encode("utf-16"), frozenset({400})),
    (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", frozenset({400})),
    (b"[]", frozenset({422})),
    (b'["Zanzibar77"]', frozenset({422})),
    (b'"Zanzibar77"', frozenset({422})),
    (b"7", frozenset({422})),
    (b"true", frozenset({422})),
    (b"null", frozenset({422})),
    (b"NaN", frozenset({400})),
    (b"Zanzibar77", frozenset({400})),
    (b"<Zanzibar77/>", frozenset({400})),
]


@dataclass(frozen=True)
class Broken:
    """A body, what is wrong with it, and the JSON Pointer of the broken place."""

    what: str
    place: str
    body: bytes


def broken(route: Route, good: Any) -> Iterator[Broken]:
    """`good` with every place broken in every way that its schema does not allow."""
    assert route.body is not None
    for path, schema in _places(route, route.body, good, ()):
        pointer = "".join(f"/{part}" for part in path)
        types = _types(route, schema)
        for text in NEVER:
            if text.startswith(b'{"Zanz') and "object" in types:
                continue  # an unknown field, which has a case of its own
            yield Broken(text[:40].decode("latin-1"), pointer, _with(good, path, text))
        for text, allowed in SOMETIMES:
            if not allowed & types:
                yield Broken(text.decode(), pointer, _with(good, path, text))
    for path, node in _objects(good, ()):
        pointer = "".join(f"/{part}" for part in path)
        inside = json.dumps(node).encode()
        for key in (b"Zanzibar77", b"$Zanzibar77", b"Zanzibar.77", b"", rb"Zanzibar77\u0000"):
            text = b'{"' + key + b'":1,' + inside[1:]
            yield Broken(f"key {key!r}", pointer, _with(good, path, text))
        first = next(iter(node))
        twice = b'{"' + first.encode() + b'":"Zanzibar77",' + inside[1:]
        yield Broken(f"{first} twice", pointer, _with(good, path, twice))


def missing(route: Route, good: Any) -> Iterator[Broken]:
    """`good` without each of its required fields."""
    assert route.body is not None
    for path, schema in [((), route.body), *_places(route, route.body, good, ())]:
        for name in route.resolved(schema).get("required", ()):
            less = copy.deepcopy(good)
            node = less
            for part in path:
                node = node[part]
            del node[name]
            pointer = "".join(f"/{part}" for part in (*path, name))
            yield Broken("missing", pointer, json.dumps(less).encode())


Path = tuple[str | int, ...]


def _places(route: Route, schema: Schema, good: Any, path: Path) -> Iterator[tuple[Path, Schema]]:
    schema = route.resolved(schema)
    if "anyOf" in schema:
        some = next((each for each in schema["anyOf"] if "$ref" in each or "items" in each), None)
        if some is None:
            return
        schema = route.resolved(some)
    if isinstance(good, dict):
        for name, value in good.items():
            inner = schema["properties"][name]
            yield (*path, name), inner
            yield from _places(route, inner, value, (*path, name))
    elif isinstance(good, list) and good:
        yield (*path, 0), schema["items"]
        yield from _places(route, schema["items"], good[0], (*path, 0))


def _objects(good: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(good, dict):
        if good:
            yield path, good
        for name, value in good.items():
            yield from _objects(value, (*path, name))
    elif isinstance(good, list) and good:
        yield from _objects(good[0], (*path, 0))


def _types(route: Route, schema: Schema) -> frozenset[str]:
    schema = route.resolved(schema)
    if "anyOf" in schema:
        return frozenset().union(*(_types(route, each) for each in schema["anyOf"]))
    if "enum" in schema or "pattern" in schema or "minLength" in schema:
        # texts of the corpus that such a string takes are not told apart here
        return frozenset({"string"})
    return frozenset({schema["type"]})


def _with(good: Any, path: Path, text: bytes) -> bytes:
    if not path:
        return text
    holed = copy.deepcopy(good)
    node = holed
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = _HOLE
    return json.dumps(holed).encode().replace(b'"%s"' % _HOLE.encode(), text)
