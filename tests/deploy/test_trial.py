"""The chart of engines for a trial fits the chart of Tandem and its example."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from services.access.districts import load_districts
from services.ctl.local import keys
from services.ctl.local.stack import DISTRICT
from tests.deploy.test_schemas import NEWEST, OLDEST, mistakes
from tests.support.charts import rendered
from tests.support.helm import CHART, ROOT, Object, helm, of_kind, pods, render, selects

ENGINES = CHART.parent / "trial-engines"
INSTALLING = (ROOT / "docs/installing.md").read_text()


@cache
def engines() -> tuple[Object, ...]:
    return tuple(render({}, chart=ENGINES, name="trial"))


def test_it_is_a_chart_without_fault() -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", ENGINES)


@pytest.mark.parametrize("release", [OLDEST, NEWEST])
def test_kubernetes_takes_it(release: str) -> None:
    assert not [said for each in engines() for said in mistakes(release, each)]


def test_the_example_names_these_engines() -> None:
    told = yaml.safe_load((CHART / "examples/trial.yaml").read_text())
    services = {each["metadata"]["name"]: each for each in of_kind(engines(), "Service")}
    host, _, port = told["kafka"]["bootstrapServers"].partition(":")
    assert services[host]["spec"]["ports"][0]["port"] == int(port)
    (secret,) = of_kind(engines(), "Secret")
    assert secret["metadata"]["name"] == told["mongodb"]["secret"]
    address = secret["stringData"]["mongodb_uri"].removeprefix("mongodb://").partition("/")[0]
    host, _, port = address.partition(":")
    assert services[host]["spec"]["ports"][0]["port"] == int(port)
    assert "@" not in address


def test_tokens_of_a_local_stack_are_taken(tmp_path: Path) -> None:
    """As docs/installing.md gives it the key."""
    public = keys.ensure_key(tmp_path)
    (page,) = re.findall(r"--set-file '([^']*)=[^']*'", INSTALLING)
    example = CHART / "examples/trial.yaml"
    made = helm("template", "tandem", CHART, "-f", example, "--set-file", f"{page}={public}")
    (mounted,) = [
        each["data"]
        for each in of_kind(list(yaml.safe_load_all(made)), "ConfigMap")
        if each["metadata"]["name"] == "tandem-districts"
    ]
    assert mounted["keys.json"] == public.read_text()
    ((district, told),) = yaml.safe_load(mounted["districts.yaml"])["districts"].items()
    assert district == DISTRICT, "that of `tandem token`"
    people, partners = keys.issuers(Path("/etc/tandem/districts/keys.json"), district)
    assert told["issuers"] == [people, {**partners, "scopes": told["issuers"][1]["scopes"]}]
    file = tmp_path / "districts.yaml"
    there = mounted["districts.yaml"].replace("/etc/tandem/districts/keys.json", str(public))
    file.write_text(there)
    environment = yaml.safe_load(example.read_text())["environment"]
    assert load_districts(str(file), environment).of(district).issuers


def test_each_side_lets_the_other_through() -> None:
    found = dict(pods(engines()))
    for name in ("kafka", "mongodb"):
        labels = found[f"StatefulSet/trial-{name}"]["metadata"]["labels"]
        for policy in of_kind(rendered("the example trial"), "NetworkPolicy"):
            if policy["metadata"]["name"] == f"tandem-{name}":
                (rule,) = policy["spec"]["egress"]
                assert any(selects(peer["podSelector"], labels) for peer in rule["to"])
    callers = [pod for owner, pod in pods(rendered("the example trial")) if "test" not in owner]
    for policy in of_kind(engines(), "NetworkPolicy"):
        (rule,) = policy["spec"]["ingress"]
        selectors = [peer["podSelector"] for peer in rule["from"]]
        for pod in callers:
            assert any(selects(each, pod["metadata"]["labels"]) for each in selectors)


def test_they_run_as_nobody_in_particular() -> None:
    for name, pod in pods(engines()):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in spec["containers"]:
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert container["securityContext"]["allowPrivilegeEscalation"] is False, name
