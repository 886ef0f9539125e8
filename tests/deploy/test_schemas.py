"""What the chart renders is what an API server takes, in the oldest and the newest release."""

from __future__ import annotations

import json
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.support.charts import MATRIX, rendered
from tests.support.helm import CHART, SCHEMAS, Object, tools

OLDEST, NEWEST = "1.30", "1.37"
DEFINITIONS = "/api/_definitions.json"
BUILT_IN = re.compile(r"v1|(apps|batch|autoscaling|policy|networking\.k8s\.io)/v\d")


@cache
def schema_file(release: str, name: str) -> Any:
    with zipfile.ZipFile(tools() / SCHEMAS) as wheel:
        folder = f"kubernetes_validate/kubernetes-json-schema/v{release}.0-local-strict"
        return json.loads(wheel.read(f"{folder}/{name}"))


@cache
def validator(release: str, api_version: str, kind: str) -> Any:
    """Strict: a field that is not known is refused."""
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    return jsonschema_rs.Draft202012Validator(
        schema_file(release, f"{kind.lower()}-{group}.json"),
        base_uri="file:///api/object.json",
        retriever=lambda _: schema_file(release, "_definitions.json"),
    )


def mistakes(release: str, each: Object) -> list[str]:
    found = validator(release, each["apiVersion"], each["kind"]).iter_errors(dict(each))
    where = f"{each['kind']}/{each['metadata']['name']}"
    return [f"{where}: {error.instance_path}: {error.message[:200]}" for error in found]


@pytest.mark.parametrize("release", [OLDEST, NEWEST])
@pytest.mark.parametrize("name", MATRIX)
def test_kubernetes_takes_it(name: str, release: str) -> None:
    own = [each for each in rendered(name) if BUILT_IN.fullmatch(each["apiVersion"])]
    assert own
    assert not [said for each in own for said in mistakes(release, each)]


def test_a_misspelt_field_would_be_found() -> None:
    (first, *_) = [each for each in rendered("least") if each["kind"] == "Deployment"]
    wrong = json.loads(json.dumps(first))
    wrong["spec"]["template"]["spec"]["enableServiceLink"] = False
    assert mistakes(OLDEST, wrong)


def test_the_chart_says_the_oldest_release() -> None:
    told = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert told["kubeVersion"] == f">={OLDEST}.0-0"


@cache
def custom() -> Any:
    return yaml.safe_load((Path(__file__).parent / "crds.yaml").read_text())


def custom_mistakes(each: Object) -> list[str]:
    """A kind that is not known is a mistake, too."""
    schema = custom()[f"{each['apiVersion']}/{each['kind']}"]
    found = jsonschema_rs.Draft202012Validator({**schema, "$defs": custom()["$defs"]})
    where = f"{each['kind']}/{each['metadata']['name']}"
    return [
        f"{where}: {e.instance_path}: {e.message[:200]}" for e in found.iter_errors(each["spec"])
    ]


@pytest.mark.parametrize("name", MATRIX)
def test_other_projects_take_what_is_theirs(name: str) -> None:
    theirs = [each for each in rendered(name) if not BUILT_IN.fullmatch(each["apiVersion"])]
    assert not [said for each in theirs for said in custom_mistakes(each)]


def test_the_matrix_has_every_kind_of_theirs() -> None:
    found = {f"{each['apiVersion']}/{each['kind']}" for name in MATRIX for each in rendered(name)}
    assert custom().keys() - {"$defs"} <= found
