"""Examples in the OpenAPI document, so that what is answered can be read at a glance and a mock
server answers what could be true.

A field says an example itself, or a table of the service's says it by the field's name, or another
field of that name and type has one. What is left is told by its kind: an instant, a day, an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
INSTANT = "2026-10-05T14:30:00Z"
DAY = "2026-10-05"
ID = "0f5c3a8e-52d7-5c6b-9d0e-8a3b1c2d4e5f"
_OF_FORMATS = {"date-time": INSTANT, "date": DAY}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "array": list,
}


def exampled(document: dict[str, Any], examples: Mapping[str, object]) -> None:
    """Give each field an example that has none, where one is known: `examples`, by `Model.field`,
    by the name alone, or by how it ends (`*_by`)."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    endings = sorted((key for key in examples if key[0] == "*"), key=len, reverse=True)
    said: dict[str, list[tuple[str, Any]]] = {}
    for model, field, schema in _fields(schemas):
        if "examples" in schema:
            said.setdefault(field, []).append((model, schema["examples"][0]))
    for model, field, schema in _fields(schemas):
        if not lacks_example(schema):
            continue
        noun = model.removesuffix("Summary")
        known = [examples.get(f"{model}.{field}")]
        known += [each for of, each in said.get(field, ()) if of.endswith(noun)]
        known += [examples.get(field), *(each for _, each in said.get(field, ()))]
        known += [examples[each] for each in endings if field.endswith(each[1:])]
        fits = [each for each in (*known, _of_kind(field, schema)) if _is(each, schema)]
        if fits:
            schema["examples"] = fits[:1]


def lacks_example(schema: Schema) -> bool:
    """Whether nothing shows what a value of it looks like: no example, no model, no word of a
    list; true and false need none."""
    options = [each for each in schema.get("anyOf", (schema,)) if each.get("type") != "null"]
    shown = ("$ref", "enum", "const", "examples", "oneOf")
    return "examples" not in schema and any(
        each.get("type") != "boolean"
        and not any(key in each or key in each.get("items", ()) for key in shown)
        and "items" not in each.get("items", ())
        and "additionalProperties" not in each
        for each in options
    )


def _fields(schemas: Mapping[str, Schema]) -> Iterator[tuple[str, str, Schema]]:
    for name, schema in schemas.items():
        for field, each in schema.get("properties", {}).items():
            yield name, field, each


def _first(schema: Schema) -> Schema:
    """What it is where it is not null."""
    options = schema.get("anyOf", (schema,))
    return next((each for each in options if each.get("type") != "null"), schema)


def _type(schema: Schema) -> str:
    return str(_first(schema).get("type", ""))


def _is(example: Any, schema: Schema) -> bool:
    expected = _TYPES.get(_type(schema))
    return expected is not None and isinstance(example, expected)


def _of_kind(field: str, schema: Schema) -> Any:
    first = _first(schema)
    if first.get("format") in _OF_FORMATS:
        return _OF_FORMATS[first["format"]]
    if field.endswith("_id"):
        return ID
    if field.endswith("_ids"):
        return [ID]
    return None
