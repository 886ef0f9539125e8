"""The Jobs of the pages, by which an operator rebuilds a view or looks whether anything is left of
what was erased, beside what the chart has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.assembly.registry import SERVICES, WRITE_SERVICES
from tests.deploy.test_network import DNS, KAFKA, MONGODB, by_roles, into, out
from tests.support.helm import Object, pods, render

DOCS = Path(__file__).parents[2] / "docs"


def text_of(page: str) -> str:
    return (DOCS / page).read_text()


def told(page: str, begins: str) -> Any:
    """The YAML of a page that begins so."""
    blocks = re.findall(r"```yaml\n(.*?)```", text_of(page), re.DOTALL)
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


@pytest.fixture(scope="module")
def looking() -> Object:
    job: Object = told("operating.md", "apiVersion: batch/v1")
    template: Object = job["spec"]["template"]
    return template


def test_who_looks_whether_anything_is_left_reaches_the_engines_and_nobody_else(
    objects: tuple[Object, ...], looking: Object
) -> None:
    assert out(objects, looking) == {DNS, KAFKA, MONGODB}
    for _, _, each in by_roles(objects):
        assert not into(objects, each, looking)


def test_who_looks_has_a_user_of_its_own_and_else_what_privacy_has(
    objects: tuple[Object, ...], looking: Object
) -> None:
    command = re.search(r'user: "erasures", .* roles: \[(.*)\]\.map', text_of("operating.md"))
    assert command is not None
    assert '.dropUser("erasures")' in text_of("operating.md")
    assert set(re.findall(r'"(\w+)"', command[1])) == set(SERVICES)
    (secret,) = [each for each in looking["spec"]["volumes"] if each["name"] == "secrets"]
    assert secret["secret"]["secretName"] == "tandem-erasures-mongodb"
    like_a_service(objects, looking, "privacy", but=("secrets",))


def test_it_has_the_settings_the_files_and_the_confinement_of_the_service(
    objects: tuple[Object, ...], pod: Object
) -> None:
    like_a_service(objects, pod, "insights", but=("token",))


def test_it_ends_also_where_its_token_is_gone_and_shows_that_to_nobody(pod: Object) -> None:
    """A rollback, or a look at what is parked, needs none: its pod begins all the same."""
    (secret,) = [each["secret"] for each in pod["spec"]["volumes"] if each["name"] == "token"]
    assert secret["optional"]
    (container,) = pod["spec"]["containers"]
    assert "env" not in container
    (token,) = [each for each in container["args"] if each.startswith("--token")]
    (mount,) = [each for each in container["volumeMounts"] if each["name"] == "token"]
    assert token.startswith(f"--token=@{mount['mountPath']}/")
    job: Object = told("upgrading.md", "apiVersion: batch/v1")
    assert job["spec"]["activeDeadlineSeconds"] > 3600


def like_a_service(
    objects: tuple[Object, ...], pod: Object, service: str, but: tuple[str, ...] = ()
) -> None:
    """All volumes but those."""
    (like,) = [each for name, each in pods(objects) if name.endswith(f"{service}-background")]
    mine, others = pod["spec"]["containers"][0], like["spec"]["containers"][0]
    for part in ("envFrom", "image"):
        assert mine[part] == others[part], part
    mounts = [each for each in mine["volumeMounts"] if each["name"] != "token"]
    assert mounts == others["volumeMounts"]
    assert mine["securityContext"].items() <= others["securityContext"].items()
    found = [each["spec"]["volumes"] for each in (pod, like)]
    mine, others = ({v["name"]: v for v in each if v["name"] not in but} for each in found)
    assert mine == others
    for part in ("securityContext", "automountServiceAccountToken"):
        assert pod["spec"][part] == like["spec"][part], part
