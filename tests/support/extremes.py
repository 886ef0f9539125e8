"""What an operation's own document allows, at its ends: for tests of what is taken on from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.support.operations import Route, Schema

DAYS = ["0001-01-01", "1969-12-31", "2000-01-01", "2024-02-29", "2100-12-31", "9999-12-31"]
INSTANTS = [
    "2000-01-01T00:00:00Z",
    "2000-01-01T00:00:00+14:00",
    "2000-06-30T23:59:59.999999999Z",
    "2027-07-01T00:00:00-12:00",
    "2100-06-30T23:59:59Z",
    "2100-08-01T08:00:00Z",
    "2100-12-31T23:59:59-14:00",
    "1999-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
]
NUMBERS = [0, -0.0, 1e9, -1e9, 1e308, -1e308, 5e-324, 2**53 + 1, 2**63, -(2**63), 0.1]
_TOLD_BY_NAME = {"due_date": DAYS, "lesson_date": DAYS, "scheduled_for": INSTANTS}


def bodies(route: Route, good: Any) -> st.SearchStrategy[Any]:
    """Bodies of a route near a good one: any of its values may be another that the schema
    allows, or that lies just beyond."""
    assert route.body is not None
    return _like(route, route.body, good, "")


def _like(route: Route, schema: Schema, good: Any, name: str) -> st.SearchStrategy[Any]:
    schema = route.resolved(schema)
    if name.endswith("_id") and name not in ("measure_id", "construct_id"):
        return st.just(good)
    if isinstance(good, Mapping) and "properties" in schema:
        parts = {
            key: _like(route, inner, good[key], key)
            for key, inner in schema["properties"].items()
            if key in good
        }
        return st.fixed_dictionaries(parts)
    if isinstance(good, list):
        return st.tuples(*(_like(route, schema["items"], each, name) for each in good)).map(list)
    return st.just(good) | _any(route, schema, name)


def _any(route: Route, schema: Schema, name: str) -> st.SearchStrategy[Any]:
    schema = route.resolved(schema)
    if name in _TOLD_BY_NAME:
        return st.sampled_from(_TOLD_BY_NAME[name])
    if "anyOf" in schema:
        return st.one_of([_any(route, each, name) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "number":
        return st.sampled_from(NUMBERS) | st.floats(-1e9, 1e9)
    if kind == "integer":
        least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63)
        return st.sampled_from([least, most, least - 1, most + 1]) | st.integers(least, most)
    if kind == "string":
        return _text(schema)
    if kind == "object":
        inner = schema["properties"].items()
        return st.fixed_dictionaries({key: _any(route, each, key) for key, each in inner})
    return {"boolean": st.booleans(), "null": st.none()}[str(kind)]


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        pattern: str = schema["pattern"]
        return st.from_regex(pattern, fullmatch=True)
    most = schema["maxLength"]
    longest = [each * most for each in ("x", "\N{GRINNING FACE}", "\N{LATIN SMALL LETTER A}\u0301")]
    texts = st.text(
        st.characters(exclude_categories=["Cs"]), min_size=schema.get("minLength", 0), max_size=40
    )
    return st.sampled_from(longest) | texts
