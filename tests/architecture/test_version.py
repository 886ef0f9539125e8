"""The version of a release is said alike wherever it is said."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.assembly.service import VERSION

ROOT = Path(__file__).parents[2]
TRIAL = "deploy/helm/tandem/examples/trial.yaml"


def of_toml(path: Path) -> list[Any]:
    return [tomllib.loads(path.read_text())["project"]["version"]]


def of_chart(path: Path) -> list[Any]:
    told = yaml.safe_load(path.read_text())
    return [told[name] for name in ("version", "appVersion") if name in told]


def of_package(path: Path) -> list[Any]:
    """Of a lock, too, in which the package itself has an empty name."""
    told = json.loads(path.read_text())
    own = told.get("packages", {}).get("", told)
    return [told["version"], own["version"]]


SAID: dict[str, Callable[[Path], list[Any]]] = {
    "pyproject.toml": of_toml,
    "clients/python/pyproject.toml": of_toml,
    "clients/typescript/package.json": of_package,
    "clients/typescript/package-lock.json": of_package,
    "deploy/helm/tandem/Chart.yaml": of_chart,
    "deploy/helm/trial-engines/Chart.yaml": of_chart,
    TRIAL: lambda path: [yaml.safe_load(path.read_text())["image"]["tag"]],
}


@pytest.mark.parametrize("name", SAID)
def test_it_is_the_version_of_the_services(name: str) -> None:
    assert {*SAID[name](ROOT / name)} == {VERSION}
