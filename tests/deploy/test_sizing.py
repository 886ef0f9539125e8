"""The table of docs/installing.md is made of what was measured, and of the chart's examples, which
have enough for the districts that they are for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml

from bench.sizes import Deployed, lacking, measured, table
from services.ctl.chart import REGISTRY
from tests.support.charts import rendered
from tests.support.helm import ROOT, of_kind

PAGE = ROOT / "docs/installing.md"
TABLE = re.compile(r"\| teachers \| events/s \|.*\n(?:\|.*\n)+")
EXAMPLE_OF = {25: "trial", 1_000: "district", 5_000: "district", 20_000: "city", 77_000: "city"}
MB = {"Mi": 1, "Gi": 1024}


@cache
def processes() -> tuple[str, ...]:
    """By service, each role and view."""
    found = []
    for service, told in yaml.safe_load(REGISTRY.read_text())["services"].items():
        views = [f"projector.{part}" for part in told["projectors"]]
        roles = [role for role in told["roles"] if role != "projector"]
        found += [f"{service}/{role}" for role in (*roles, *views)]
    return tuple(found)


def megabytes(said: str) -> float:
    return float(said[:-2]) * MB[said[-2:]]


def deployments(example: str) -> Iterator[Deployed]:
    """As many pods as there are at least."""
    objects = rendered(f"the example {example}")
    fewest = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"].get("minReplicas")
        or each["spec"]["minReplicaCount"]
        for each in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject")
    }
    for each in of_kind(objects, "Deployment"):
        name = each["metadata"]["name"]
        (container,) = each["spec"]["template"]["spec"]["containers"]
        (roles,) = [one["value"] for one in container["env"] if one["name"] == "ROLES"]
        wanted = tuple(f"{container['args'][0]}/{role}" for role in roles.split(","))
        asked, limit = (container["resources"][what] for what in ("requests", "limits"))
        yield Deployed(
            [p for p in processes() if p in wanted or p.partition(".")[0] in wanted],
            each["spec"].get("replicas") or fewest[name],
            float(asked["cpu"].removesuffix("m")) / 1000,
            megabytes(asked["memory"]),
            megabytes(limit["memory"]),
        )


def test_every_process_was_measured() -> None:
    assert set(measured().idle) == {*processes(), "kafka", "mongodb"}


@pytest.mark.parametrize("example", sorted(set(EXAMPLE_OF.values())))
def test_an_example_runs_everything(example: str) -> None:
    assert {one for each in deployments(example) for one in each.processes} == set(processes())


@pytest.mark.parametrize("teachers", EXAMPLE_OF)
def test_an_example_has_enough_for_its_teachers(teachers: int) -> None:
    assert not list(lacking(measured(), teachers, list(deployments(EXAMPLE_OF[teachers]))))


def test_one_that_has_too_little_would_be_noticed() -> None:
    assert list(lacking(measured(), 500_000, list(deployments("trial"))))


def test_the_page_has_the_table() -> None:
    made = table(measured(), [(n, list(deployments(name))) for n, name in EXAMPLE_OF.items()])
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(TABLE.sub(lambda _: made + "\n", PAGE.read_text()))
    (found,) = TABLE.findall(PAGE.read_text())
    assert found == made + "\n"
