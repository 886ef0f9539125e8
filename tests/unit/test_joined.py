"""One OpenAPI document out of those of the services."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from services.assembly.registry import SERVICES
from services.ctl.gateway.joined import joined

GOLDEN = Path(__file__).parents[1] / "contract/golden/openapi"
DOCUMENTS: dict[str, Any] = {
    each: json.loads((GOLDEN / f"{each}.json").read_text()) for each in SERVICES
}


def operations(document: Any) -> set[str]:
    return {
        each["operationId"] for methods in document["paths"].values() for each in methods.values()
    }


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        ours = {node["$ref"]} if isinstance(node.get("$ref"), str) else set[str]()
        return ours.union(*map(references, node.values()))
    return set[str]().union(*map(references, node)) if isinstance(node, list) else set()


def test_it_has_every_operation_and_all_that_they_name() -> None:
    before = copy.deepcopy(DOCUMENTS)
    whole = joined(DOCUMENTS)
    assert before == DOCUMENTS
    assert operations(whole) == set[str]().union(*map(operations, DOCUMENTS.values()))
    assert [tag["name"] for tag in whole["tags"]] == list(SERVICES)
    schemas = whole["components"]["schemas"]
    assert references(whole) <= {f"#/components/schemas/{name}" for name in schemas}
    assert schemas["Problem"] == DOCUMENTS["goals"]["components"]["schemas"]["Problem"]


def service(name: str, schema: Any, path: str, operation: str) -> Any:
    body = {"schema": {"$ref": "#/components/schemas/Thing"}}
    answers = {"200": {"description": "", "content": {"application/json": body}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": name},
        "paths": {path: {"get": {"operationId": operation, "responses": answers}}},
        "components": {"schemas": {"Thing": schema}, "securitySchemes": {}},
    }


def test_two_schemas_of_one_name_are_told_apart() -> None:
    one = service("goals", {"type": "string"}, "/goals/v1/x", "one")
    other = service("surveys", {"type": "integer"}, "/surveys/v1/x", "other")
    whole = joined({"goals": one, "surveys": other})
    assert whole["components"]["schemas"] == {
        "GoalsThing": {"type": "string"},
        "SurveysThing": {"type": "integer"},
    }
    assert references(whole["paths"]["/surveys/v1/x"]) == {"#/components/schemas/SurveysThing"}


@pytest.mark.parametrize(("path", "operation"), [("/goals/v1/x", "b"), ("/y", "a")])
def test_what_two_services_have_is_refused(path: str, operation: str) -> None:
    one = service("goals", {}, "/goals/v1/x", "a")
    other = service("surveys", {}, path, operation)
    with pytest.raises(ValueError, match="surveys"):
        joined({"goals": one, "surveys": other})
