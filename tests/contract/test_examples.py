"""Every field of the APIs shows what it looks like, and what it shows could be sent."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from services.assembly.examples import EXAMPLES
from services.chassis.edge.http_examples import exampled, lacks_example
from tests.support.platform import BOOTSTRAPS, Platform

DOCUMENTS: dict[str, Any] = {
    name: each.app.openapi_schema for name, each in Platform().services.items()
}
FIELDS = [
    (service, model, field)
    for service, document in DOCUMENTS.items()
    for model, schema in document["components"]["schemas"].items()
    for field in schema.get("properties", {})
]


def schema_of(service: str, model: str, field: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENTS[service]["components"]["schemas"][model]["properties"][field]
    return found


@pytest.mark.parametrize("service", BOOTSTRAPS)
def test_no_field_is_without_an_example(service: str) -> None:
    """Said beside the field, or for its name in services/assembly/examples.py."""
    without = [each for each in FIELDS if each[0] == service and lacks_example(schema_of(*each))]
    assert not without


@pytest.mark.parametrize("service", BOOTSTRAPS)
def test_every_example_is_a_value_that_the_field_can_have(service: str) -> None:
    components = DOCUMENTS[service]["components"]
    for each in FIELDS:
        if each[0] == service:
            schema = schema_of(*each)
            held = jsonschema_rs.Draft202012Validator(
                {**schema, "components": components}, validate_formats=True
            )
            assert all(held.is_valid(example) for example in schema.get("examples", ())), each


def test_an_example_is_of_use() -> None:
    """Of no field any more: it goes."""
    names = {name for _, model, field in FIELDS for name in (field, f"{model}.{field}")}
    endings = tuple(key[1:] for key in EXAMPLES if key[0] == "*")
    unused = [key for key in EXAMPLES if key[0] != "*" and key not in names]
    assert not unused
    assert all(any(name.endswith(each) for name in names) for each in endings)


def test_what_the_same_thing_is_asked_with_comes_before_what_another_has() -> None:
    def document(**models: dict[str, Any]) -> dict[str, Any]:
        return {"components": {"schemas": {k: {"properties": v} for k, v in models.items()}}}

    text: dict[str, Any] = {"type": "string"}
    made = document(
        DraftTree={"title": {**text, "examples": ["A tree"]}},
        DraftTool={"title": {**text, "examples": ["A tool"]}},
        Tool={"title": dict(text)},
        ToolSummary={"title": dict(text), "tool_id": dict(text), "open": {"type": "boolean"}},
        Walk={"title": dict(text), "title_count": {"type": "integer"}, "odd": dict(text)},
    )
    exampled(made, {"*_count": 3, "Walk.title": "A walk", "odd": 7})
    shown = {
        f"{model}.{field}": each.get("examples")
        for model, schema in made["components"]["schemas"].items()
        for field, each in schema["properties"].items()
    }
    assert shown["Tool.title"] == shown["ToolSummary.title"] == ["A tool"]
    assert shown["Walk.title"] == ["A walk"]
    assert shown["Walk.title_count"] == [3]
    assert shown["ToolSummary.open"] is None
    assert shown["Walk.odd"] is None, "7 is no text"
