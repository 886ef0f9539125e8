"""Prometheus without its Operator: what the page configures finds the pods of a release, and gives
them the labels that the rules want."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.test_alerts import ADDED
from tests.deploy.test_operators_job import told
from tests.support.charts import MATRIX, rendered
from tests.support.helm import CHART, Object, pods
from tests.support.promtool import promtool


def configured() -> Any:
    return told("operating.md", "global:")


def sanitized(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]", "_", name)


def taken(selector: str, labels: Mapping[str, str]) -> bool:
    """As the API server reads it: equal, or there."""
    parts = [each.partition("=") for each in selector.split(",")]
    return all(labels.get(key) == value if is_ else key in labels for key, is_, value in parts)


def found(pod: Object) -> Iterator[dict[str, str]]:
    """Of each port of a pod, what service discovery tells of it."""
    labels = {
        f"__meta_kubernetes_pod_label_{sanitized(name)}": value
        for name, value in pod["metadata"]["labels"].items()
    }
    for container in pod["spec"]["containers"]:
        for port in container.get("ports", [{"name": ""}]):
            yield {
                **labels,
                "__meta_kubernetes_namespace": "coaching",
                "__meta_kubernetes_pod_name": "tandem-goals-api-1",
                "__meta_kubernetes_pod_phase": "Running",
                "__meta_kubernetes_pod_container_port_name": port["name"],
            }


def relabelled(target: dict[str, str], rules: Any) -> dict[str, str] | None:
    """The labels of a target that is kept, as Prometheus does it."""
    for rule in rules:
        value = ";".join(target.get(name, "") for name in rule["source_labels"])
        fits = re.fullmatch(str(rule.get("regex", "(.*)")), value)
        match rule.get("action", "replace"):
            case "keep" if not fits:
                return None
            case "drop" if fits:
                return None
            case "replace" if fits:
                target[rule["target_label"]] = value
    return {name: value for name, value in target.items() if not name.startswith("__")}


@pytest.mark.parametrize("name", MATRIX)
def test_each_process_is_read_once_with_the_labels_of_the_rules(name: str) -> None:
    (job,) = configured()["scrape_configs"]
    assert job["job_name"] == "tandem"
    (discovery,) = job["kubernetes_sd_configs"]
    assert (discovery["role"], discovery["namespaces"]) == ("pod", {"names": ["coaching"]})
    (selector,) = discovery["selectors"]
    for owner, pod in pods(rendered(name)):
        there = pod["metadata"]["labels"]
        targets = [
            each
            for one in found(pod)
            if taken(selector["label"], there)
            and (each := relabelled(one, job["relabel_configs"])) is not None
        ]
        assert len(targets) == owner.startswith("Deployment/"), owner
        for each in targets:
            assert each.keys() == ADDED
            assert each["app_kubernetes_io_component"] == there["app.kubernetes.io/component"]
            assert each["tandem_part"] == there["tandem.part"]


def checked(config: Any, folder: Path) -> str:
    """What promtool says of it; empty where it has nothing to say."""
    path = folder / "prometheus.yaml"
    path.write_text(yaml.safe_dump(config))
    command = [promtool(), "check", "config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_prometheus_takes_it(tmp_path: Path) -> None:
    config = configured()
    (rules,) = config["rule_files"]
    (tmp_path / rules).write_text((CHART / "files/rules.yaml").read_text())
    if promtool():
        said = checked(config, tmp_path)
        if "kubernetes_sd_configs not found" in said:  # Debian builds it without
            (job,) = config["scrape_configs"]
            del job["kubernetes_sd_configs"]
            said = checked(config, tmp_path)
        assert not said
        job = config["scrape_configs"][0]
        job["relabel_configs"][0]["action"] = "keeps"
        assert "keeps" in checked(config, tmp_path)
