"""One OpenAPI document out of those of the services."""

import copy
import json
import re
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
    of_all = [name for each in DOCUMENTS.values() for name in operations(each)]
    assert len(operations(whole)) == len(of_all)
    alone = {name for name in of_all if of_all.count(name) == 1}
    assert alone <= operations(whole)
    assert {"goals_save_draft", "surveys_save_draft"} <= operations(whole) - alone
    assert [tag["name"] for tag in whole["tags"]] == list(SERVICES)
    schemas = whole["components"]["schemas"]
    assert references(whole) <= {f"#/components/schemas/{name}" for name in schemas}
    assert schemas["Problem"] == DOCUMENTS["goals"]["components"]["schemas"]["Problem"]


def test_what_the_typescript_client_names_is_told_apart_by_no_service() -> None:
    """A schema that differs in two services, be it by an example, is of neither under its name."""
    sources = Path(__file__).parents[2] / "clients/typescript/src"
    named = {
        name
        for each in sources.glob("*.ts")
        for name in re.findall(r'Schemas\["(\w+)"\]', each.read_text())
    }
    assert {"CommandAnswer", "SyncCommand"} <= named
    assert named <= joined(DOCUMENTS)["components"]["schemas"].keys()


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


def test_who_refers_to_two_schemas_of_one_name_is_told_apart_too() -> None:
    """However it is reached: each leads to that of its own service."""
    one = service("goals", {"type": "string"}, "/goals/v1/x", "one")
    other = service("surveys", {"type": "integer"}, "/surveys/v1/x", "other")
    for each in (one, other):
        schemas = each["components"]["schemas"]
        schemas["Page"] = {"items": {"$ref": "#/components/schemas/Thing"}}
        schemas["Book"] = {"items": {"$ref": "#/components/schemas/Page"}}
        schemas["Cover"] = {"type": "null"}
    found = joined({"goals": one, "surveys": other})["components"]["schemas"]
    for name, type_ in (("Goals", "string"), ("Surveys", "integer")):
        assert found[f"{name}Book"]["items"]["$ref"] == f"#/components/schemas/{name}Page"
        assert found[f"{name}Page"]["items"]["$ref"] == f"#/components/schemas/{name}Thing"
        assert found[f"{name}Thing"] == {"type": type_}
    assert "Cover" in found
    assert found.keys().isdisjoint(("Book", "Page", "Thing"))


def test_an_operation_that_two_services_have_is_called_by_their_names() -> None:
    one = service("goals", {}, "/goals/v1/x", "a")
    other = service("surveys", {}, "/surveys/v1/x", "a")
    whole = joined({"goals": one, "surveys": other})
    assert operations(whole) == {"goals_a", "surveys_a"}


def test_a_path_that_two_services_have_is_refused() -> None:
    one = service("goals", {}, "/goals/v1/x", "a")
    other = service("surveys", {}, "/goals/v1/x", "b")
    with pytest.raises(ValueError, match="surveys"):
        joined({"goals": one, "surveys": other})
