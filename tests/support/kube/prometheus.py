"""Prometheus beside a cluster, with the chart's rules, told of the release's pods by a file, with
the labels that the chart has the Prometheus Operator put on them."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from services.ctl.engines.ports import HOST, pick_port
from tests.support.charts import LEAST
from tests.support.fetching import caches, from_debian
from tests.support.helm import Object, of_kind, render
from tests.support.kube.control import running

INTERNAL = 8081
EACH = "5s"


def prometheus() -> Path:
    """The program: that on the path, else out of a Debian package. Raises Missing."""
    if found := shutil.which("prometheus"):
        return Path(found)
    return from_debian("prometheus", "usr/bin/prometheus", caches() / "prometheus/prometheus")


@dataclass(frozen=True)
class Watch:
    url: str

    def asked(self, query: str) -> Any:
        """The data of an answer, empty while it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{query}", timeout=10) as answer:
                return json.load(answer)["data"]
        except OSError:
            return {}

    def up(self) -> int:
        """How many pods tell metrics."""
        targets = self.asked("targets").get("activeTargets", [])
        return sum(each["health"] == "up" for each in targets)

    def firing(self) -> set[str]:
        """Alerts."""
        alerts = self.asked("alerts")["alerts"]
        return {each["labels"]["alertname"] for each in alerts if each["state"] == "firing"}


@contextmanager
def watching(folder: Path, pods: list[Any]) -> Iterator[Watch]:
    """Gone afterwards. Raises Missing."""
    folder.mkdir()
    (rules,) = of_kind(render({**LEAST, "monitoring": {"rules": True}}), "PrometheusRule")
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]))
    (folder / "pods.json").write_text(json.dumps([_target(each) for each in pods]))
    config = {
        "global": {"scrape_interval": EACH, "evaluation_interval": EACH},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            {"job_name": "coaching/tandem", "file_sd_configs": [{"files": ["pods.json"]}]}
        ],
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    address = f"{HOST}:{pick_port()}"
    switches = {
        "config.file": folder / "config.yaml",
        "storage.tsdb.path": folder / "data",
        "web.listen-address": address,
        "log.level": "warn",
    }
    with running(folder, "prometheus", prometheus(), switches):
        yield Watch(f"http://{address}")


def _target(pod: Object) -> Any:
    metadata = pod["metadata"]
    labels = {
        name: metadata["labels"][name] for name in ("app.kubernetes.io/component", "tandem.part")
    }
    told = {name.translate(str.maketrans("./", "__")): value for name, value in labels.items()}
    told |= {"namespace": metadata["namespace"], "pod": metadata["name"]}
    return {"targets": [f"{pod['status']['podIP']}:{INTERNAL}"], "labels": told}
