"""What other projects define takes the custom resources that the chart renders, and knows each of
their fields: `make definitions`. Their rules in CEL are for an API server to look at."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest

from tests.deploy.test_schemas import BUILT_IN, custom
from tests.support.charts import MATRIX, rendered
from tests.support.fetching import Missing
from tests.support.helm import Object
from tests.support.kube.definitions import definitions

ANYTHING = "x-kubernetes-preserve-unknown-fields"
# What says nothing about what is valid, or what JSON Schema has no word for.
LEFT_OUT = ("default", "description", "format", "nullable")


def strict(told: Any) -> Any:
    """A schema of a definition as one of JSON Schema which refuses unknown fields."""
    if isinstance(told, list):
        return [strict(each) for each in told]
    if not isinstance(told, dict):
        return told
    kept = {
        key: {name: strict(each) for name, each in value.items()}
        if key == "properties"
        else strict(value)
        for key, value in told.items()
        if key not in LEFT_OUT and not key.startswith("x-kubernetes")
    }
    if told.get("x-kubernetes-int-or-string"):
        kept.pop("type", None)
        kept["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if "properties" in told and "additionalProperties" not in told and not told.get(ANYTHING):
        kept["additionalProperties"] = False
    return kept


@pytest.fixture(scope="session")
def known() -> Mapping[str, Any]:
    """Version and kind -> what looks at a spec."""
    found: dict[str, Any] = {}
    try:
        for each in definitions():
            spec = each["spec"]
            for version in spec["versions"]:
                schema = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
                key = f"{spec['group']}/{version['name']}/{spec['names']['kind']}"
                found[key] = jsonschema_rs.Draft202012Validator(strict(schema))
    except Missing as error:
        pytest.exit(str(error), returncode=1)
    return found


def kind_of(each: Object) -> str:
    return f"{each['apiVersion']}/{each['kind']}"


def custom_ones(name: str) -> list[Object]:
    return [each for each in rendered(name) if not BUILT_IN.fullmatch(each["apiVersion"])]


def mistakes(known: Mapping[str, Any], each: Object) -> list[str]:
    """A kind that is not known raises KeyError."""
    where = f"{each['kind']}/{each['metadata']['name']}"
    found = known[kind_of(each)].iter_errors(each["spec"])
    return [f"{where}: {error.instance_path}: {error.message[:200]}" for error in found]


@pytest.mark.parametrize("name", MATRIX)
def test_other_projects_know_every_field(name: str, known: Mapping[str, Any]) -> None:
    assert not [said for each in custom_ones(name) for said in mistakes(known, each)]


@pytest.mark.parametrize("kind", sorted(custom().keys() - {"$defs"}))
def test_a_misspelt_field_would_be_found(kind: str, known: Mapping[str, Any]) -> None:
    (first, *_) = [each for each in custom_ones("everything") if kind_of(each) == kind]
    wrong = copy.deepcopy(dict(first))
    wrong["spec"]["mispelt"] = 1
    assert any("mispelt" in said for said in mistakes(known, wrong))
