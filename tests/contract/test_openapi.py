"""What a generator of clients makes of the OpenAPI documents: of answers every field is there, of
requests only what has to be said, and words that the domain has are enums."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.assembly.meanings import MEANINGS
from services.chassis.fields import Resource
from tests.support.exchanges import NEVER_ENDING, NORTH
from tests.support.filled import Filled
from tests.support.filling import TEACHER
from tests.support.operations import caller_of, routes, without_ids
from tests.support.platform import BOOTSTRAPS, Platform

DOCUMENTS: dict[str, Any] = {
    name: each.app.openapi_schema for name, each in Platform().services.items()
}
each_service = pytest.mark.parametrize("service", BOOTSTRAPS)
Schema = dict[str, Any]


def operations(service: str) -> Iterator[Schema]:
    for methods in DOCUMENTS[service]["paths"].values():
        yield from methods.values()


def within(service: str, node: Any) -> set[str]:
    """The schemas that a part of a document refers to, near and far."""
    schemas = DOCUMENTS[service]["components"]["schemas"]
    found: set[str] = set()
    ahead = [node]
    while ahead:
        text = json.dumps(ahead.pop())
        for part in text.split('"#/components/schemas/')[1:]:
            name = part.partition('"')[0]
            if name not in found:
                found.add(name)
                ahead.append(schemas[name])
    return found


def resolved(service: str, schema: Schema) -> Schema:
    """The first that it may be, where that stands."""
    first = schema["anyOf"][0] if "anyOf" in schema and "examples" not in schema else schema
    named: Schema = DOCUMENTS[service]["components"]["schemas"]
    found: Schema = named[first["$ref"].rpartition("/")[2]] if "$ref" in first else first
    return found


@each_service
def test_a_version_is_asked_for_where_it_can_be_refused(service: str) -> None:
    """What is created, and what is of many, has no version that a caller could have seen."""
    for methods in DOCUMENTS[service]["paths"].values():
        for operation in methods.values():
            names = {each["name"] for each in operation.get("parameters", ())}
            assert ("If-Match" in names) == ("412" in operation["responses"]), operation["summary"]
            if "If-Match" in names:
                assert "ETag" in operation["responses"]["200"]["headers"]


@each_service
def test_each_operation_says_in_few_words_what_it_does(service: str) -> None:
    """By which a page of them can be read; and no two of a service say the same of other things."""
    for operation in operations(service):
        told = operation["summary"]
        assert told.lower() != operation["operationId"].replace("_", " ")
        assert operation["description"].startswith(told[:10])
        assert 10 <= len(told) <= 90, told
        assert " " in told
        assert not told.endswith((".", ","))


@each_service
def test_every_field_of_an_answer_is_there(service: str) -> None:
    schemas = DOCUMENTS[service]["components"]["schemas"]
    asked = {
        name
        for operation in operations(service)
        for name in within(service, operation.get("requestBody", {}))
    }
    for operation in operations(service):
        for name in within(service, operation["responses"]) - asked:
            schema = schemas[name]
            assert schema.get("required", []) == list(schema.get("properties", {})), name
            assert not any("default" in each for each in schema.get("properties", {}).values())


@each_service
def test_what_may_be_null_in_an_answer_says_when(service: str) -> None:
    """In one way: behind what it is else, after a semicolon: `null where ...`, `null: ...`."""
    schemas = DOCUMENTS[service]["components"]["schemas"]
    asked = {
        name
        for operation in operations(service)
        for name in within(service, operation.get("requestBody", {}))
    }
    silent = {
        f"{name}.{field}"
        for name in schemas.keys() - asked
        for field, each in schemas[name].get("properties", {}).items()
        if {"type": "null"} in each.get("anyOf", ())
        and not re.search(
            r"; null(:| (where|before|while|without|until|otherwise|of|at|as)\b)",
            each.get("description", ""),
        )
    }
    assert not silent


@each_service
def test_a_default_makes_no_field_of_a_request_required(service: str) -> None:
    schemas = DOCUMENTS[service]["components"]["schemas"]
    for operation in operations(service):
        for name in within(service, operation.get("requestBody", {})):
            for field, schema in schemas[name].get("properties", {}).items():
                assert "default" not in schema, (name, field)


@each_service
def test_whatever_a_request_has_to_say_has_an_example(service: str) -> None:
    """By which a page fills it in, of what it is made of, too."""

    def lacking(schema: Schema, place: str) -> Iterator[str]:
        told = resolved(service, schema)
        if {"examples", "enum", "const"} & told.keys() or told.get("type") == "boolean":
            return
        if "properties" in told:
            for name in told.get("required", ()):
                yield from lacking(told["properties"][name], f"{place}/{name}")
        elif told.get("type") == "array":
            yield from lacking(told["items"], f"{place}/0")
        else:
            yield place

    for operation in operations(service):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            assert not list(lacking(body["schema"], "")), operation["operationId"]


@each_service
def test_models_are_called_by_what_they_are(service: str) -> None:
    for name, schema in DOCUMENTS[service]["components"]["schemas"].items():
        assert not name.endswith("Resource")
        assert schema.get("title", name) == name
        assert not any("title" in each for each in schema.get("properties", {}).values()), name


# those that nothing made here has, and those that no type of the domain holds together
WORDS = {
    ("RowProblem", "code"),
    ("RowNote", "code"),
    ("Total", "code"),
    ("Draft", "kind"),
    ("DraftSummary", "kind"),
    ("PersonalRecord", "kind"),
    ("PersonalRecord", "role"),
}


async def test_what_is_an_enum_in_the_domain_is_one_in_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of every field that is given one while everything there is is made and read."""
    given = set(WORDS)
    made = Resource.__init__

    def watched(self: Resource, **fields: Any) -> None:
        name = type(self).__name__.removesuffix("Resource")
        given.update((name, each) for each, to in fields.items() if isinstance(to, enum.Enum))
        made(self, **fields)

    monkeypatch.setattr(Resource, "__init__", watched)
    platform = Filled()
    await platform.fill(NORTH, anew=True)
    ids = platform.ids[NORTH]
    for route in routes(platform):
        if (
            route.method == "GET"
            and route.operation != NEVER_ENDING
            and not without_ids(route, ids)
        ):
            who, asked = caller_of(route.operation, NORTH), dict.fromkeys(route.asks, TEACHER)
            async with platform.client(route.service, who) as client:
                await client.get(route.path(ids), params=asked)
    assert len(given) > 50
    for service, document in DOCUMENTS.items():
        schemas = document["components"]["schemas"]
        for name, field in given:
            each = schemas.get(name, {}).get("properties", {}).get(field)
            if each is not None:
                assert resolved(service, each).get("enum"), (service, name, field)


@each_service
def test_bounds_of_numbers_are_where_everybody_looks(service: str) -> None:
    text = json.dumps(DOCUMENTS[service])
    assert '"ge":' not in text
    assert '"le":' not in text
    for operation in operations(service):
        for each in operation.get("parameters", ()):
            if each["schema"].get("type") == "integer":
                assert {"minimum", "maximum"} <= each["schema"].keys(), operation["operationId"]


@each_service
def test_headers_that_are_sent_are_told(service: str) -> None:
    for operation in operations(service):
        told = {code: each["headers"].keys() for code, each in operation["responses"].items()}
        assert all("X-Request-Id" in names for names in told.values())
        assert "Retry-After" in told["503"]
        if "201" in told:
            assert {"ETag", "Location", "Idempotency-Replayed"} <= told["201"]


@each_service
def test_every_field_and_parameter_says_what_it_means(service: str) -> None:
    silent = []
    for name, schema in DOCUMENTS[service]["components"]["schemas"].items():
        fields = schema.get("properties", {}).items()
        silent += [f"{name}.{field}" for field, each in fields if not each.get("description")]
    for operation in operations(service):
        parameters = operation.get("parameters", ())
        told = operation["operationId"]
        silent += [f"{told}?{each['name']}" for each in parameters if not each.get("description")]
    assert not silent, "say it in services/assembly/room_meanings.py, or beside the field"


def test_no_meaning_is_of_nothing() -> None:
    known: set[str] = set()
    for service, document in DOCUMENTS.items():
        for name, schema in document["components"]["schemas"].items():
            known |= {
                each
                for field in schema.get("properties", {})
                for each in (field, f"{name}.{field}")
            }
        for operation in operations(service):
            known |= {each["name"] for each in operation.get("parameters", ())}
    assert MEANINGS.keys() <= known


def test_a_meaning_of_one_schema_is_told_of_no_other() -> None:
    """Whose name another API has for something else: one has it, or all have, as the problem."""
    for name in {each.partition(".")[0] for each in MEANINGS if "." in each}:
        of = [s for s, document in DOCUMENTS.items() if name in document["components"]["schemas"]]
        assert len(of) in (1, len(DOCUMENTS)), f"{name}: {of}"


NEED_A_BODY = (
    *("edit_goal", "edit_trial", "plan_program", "record_scores"),
    "edit_community_meeting",
)


@each_service
def test_what_asks_for_no_field_needs_no_body(service: str) -> None:
    """But for what is nothing without what it says."""
    schemas = DOCUMENTS[service]["components"]["schemas"]
    for operation in operations(service):
        body = operation.get("requestBody", {"content": {}})
        for content in body["content"].values():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            if name and not schemas[name].get("required"):
                needed = operation["operationId"] in NEED_A_BODY
                assert body.get("required", False) == needed, operation["operationId"]


@each_service
def test_a_read_says_what_it_answers_to_who_has_it(service: str) -> None:
    for methods in DOCUMENTS[service]["paths"].values():
        for method, operation in methods.items():
            names = {each["name"] for each in operation.get("parameters", ())}
            assert ("If-None-Match" in names) == ("304" in operation["responses"])
            if "304" in operation["responses"]:
                assert method == "get"
                for status in ("200", "304"):
                    assert "ETag" in operation["responses"][status]["headers"]


@each_service
def test_each_body_shows_by_an_example_what_is_sent(service: str) -> None:
    """Of its own, or of what it is made of. A zip has none."""
    schemas = DOCUMENTS[service]["components"]["schemas"]
    for operation in operations(service):
        for kind, told in operation.get("requestBody", {}).get("content", {}).items():
            parts = [told, *(schemas[name] for name in within(service, told))]
            shown = any('"examples"' in json.dumps(each) for each in parts)
            assert shown or kind == "application/zip", operation["operationId"]
