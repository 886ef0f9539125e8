"""The Job of docs/upgrading.md, by which an operator rebuilds a view, beside what the chart has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.assembly.registry import WRITE_SERVICES
from tests.deploy.test_network import DNS, KAFKA, MONGODB, by_roles, into, out
from tests.support.helm import Object, pods, render

DOCS = Path(__file__).parents[2] / "docs"


def told(page: str, begins: str) -> Any:
    """The YAML of a page that begins so."""
    blocks = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    (found,) = [each for each in blocks if each.startswith(begins)]
    return yaml.safe_load(found)


@pytest.fixture(scope="module")
def objects() -> tuple[Object, ...]:
    return tuple(render(told("installing.md", "image:")))


@pytest.fixture(scope="module")
def pod() -> Object:
    job: Object = told("upgrading.md", "apiVersion: batch/v1")
    template: Object = job["spec"]["template"]
    return template


def test_it_reaches_the_engines_and_every_journal(objects: tuple[Object, ...], pod: Object) -> None:
    assert out(objects, pod) == {DNS, KAFKA, MONGODB, "http", "grpc"}
    apis = [each for _, roles, each in by_roles(objects) if "api" in roles]
    assert len(apis) > len(WRITE_SERVICES)
    assert all("grpc" in into(objects, each, pod) for each in apis)
    told = dict(
        each.removeprefix("--journal=").split("=")
        for each in pod["spec"]["containers"][0]["args"]
        if each.startswith("--journal=")
    )
    ports = {
        each["metadata"]["name"]: [port["port"] for port in each["spec"]["ports"]]
        for each in objects
        if each["kind"] == "Service"
    }
    assert told.keys() == set(WRITE_SERVICES)
    for address in told.values():
        name, _, port = address.partition(":")
        assert int(port) in ports[name]


def test_it_has_the_settings_the_files_and_the_confinement_of_the_service(
    objects: tuple[Object, ...], pod: Object
) -> None:
    (like,) = [each for name, each in pods(objects) if name.endswith("insights-background")]
    mine, others = pod["spec"]["containers"][0], like["spec"]["containers"][0]
    for part in ("envFrom", "volumeMounts", "image"):
        assert mine[part] == others[part], part
    assert mine["securityContext"].items() <= others["securityContext"].items()
    volumes = {each["name"]: each for each in like["spec"]["volumes"]}
    assert {each["name"]: each for each in pod["spec"]["volumes"]} == volumes
    for part in ("securityContext", "automountServiceAccountToken"):
        assert pod["spec"][part] == like["spec"][part], part
