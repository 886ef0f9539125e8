"""Schemas of the OpenAPI document as generators want them.

What is answered is there in full, so every field of it is required, and none has a default. What is
asked for may be left out where there is a default, which is then told in words: generators take a
default for a promise that the field is there. Models are called by what they are, and fields by
their names alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schemas = dict[str, dict[str, Any]]
_PLACE = "#/components/schemas/"
_SUFFIX = "Resource"


def made_fit(document: dict[str, Any]) -> None:
    """Change the document in place. Raises ValueError where two models would be called alike."""
    schemas: Schemas = document["components"]["schemas"]
    asked, answered = set[str](), set[str]()
    for methods in document.get("paths", {}).values():
        for operation in methods.values():
            asked |= _within(operation.get("requestBody"), schemas)
            answered |= _within(operation["responses"], schemas)
    for name, schema in schemas.items():
        _without_titles(schema)
        if name in asked:  # also where it is answered: what is answered fits what may be asked
            _defaults_in_words(schema)
        elif name in answered:
            _in_full(schema)
    for methods in document.get("paths", {}).values():
        for operation in methods.values():
            for each in operation.get("parameters", ()):
                each["schema"] = _never_null(each["schema"])
            for each in operation["responses"].values():
                stream = each.get("content", {}).get("text/event-stream", {})
                stream.get("schema", {}).pop("type", None)  # FastAPI takes a stream for a string
    _renamed(document, schemas)


def explained(document: dict[str, Any], meanings: Mapping[str, str]) -> None:
    """Say what each field and parameter means that does not say it itself: `meanings`, by
    `Model.field` or by the name alone."""
    for name, schema in document["components"]["schemas"].items():
        for field, each in schema.get("properties", {}).items():
            told = meanings.get(f"{name}.{field}") or meanings.get(field)
            if told and not each.get("description"):
                each["description"] = told
    for methods in document.get("paths", {}).values():
        for operation in methods.values():
            for each in operation.get("parameters", ()):
                told = each["schema"].pop("description", "") or meanings.get(each["name"])
                if told and not each.get("description"):
                    each["description"] = told


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not: nobody sends null."""
    schema.pop("title", None)
    others = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(others) == 1:
        del schema["anyOf"]
        schema |= others[0]
    return schema


def _within(node: Any, schemas: Schemas) -> set[str]:
    """The schemas that a part of the document refers to, near and far."""
    found, ahead = set[str](), list(_references(node))
    while ahead:
        name = ahead.pop().removeprefix(_PLACE)
        if name not in found:
            found.add(name)
            ahead += _references(schemas[name])
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _without_titles(schema: dict[str, Any]) -> None:
    for each in schema.get("properties", {}).values():
        each.pop("title", None)


def _in_full(schema: dict[str, Any]) -> None:
    properties = schema.get("properties")
    if properties:
        schema["required"] = list(properties)
        for each in properties.values():
            each.pop("default", None)


def _defaults_in_words(schema: dict[str, Any]) -> None:
    for each in schema.get("properties", {}).values():
        default = each.pop("default", None)
        if default not in (None, "", []):
            words = f"Without it {json.dumps(default)}."
            told = each.get("description", "").rstrip(".")
            each["description"] = f"{told}. {words}" if told else words


def _renamed(document: dict[str, Any], schemas: Schemas) -> None:
    names = {each: each.removesuffix(_SUFFIX) for each in schemas}
    twice = {each for each in names.values() if list(names.values()).count(each) > 1}
    if twice:
        raise ValueError(f"two schemas are called {', '.join(sorted(twice))}")
    for name, schema in list(schemas.items()):
        del schemas[name]
        if schema.get("title") == name:
            schema["title"] = names[name]
        schemas[names[name]] = schema
    _pointed(document, names)


def _pointed(node: Any, names: dict[str, str]) -> None:
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            node["$ref"] = _PLACE + names[target.removeprefix(_PLACE)]
        for each in node.values():
            _pointed(each, names)
    elif isinstance(node, list):
        for each in node:
            _pointed(each, names)
