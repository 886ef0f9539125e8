"""What the chart makes while databases are being restored."""

from __future__ import annotations

import pytest

from services.assembly.registry import SERVICES, WRITE_SERVICES
from tests.deploy.test_network import by_roles, into
from tests.deploy.test_operators_job import told
from tests.support.charts import rendered
from tests.support.helm import Object, of_kind, selects


@pytest.fixture(scope="module")
def objects() -> tuple[Object, ...]:
    return rendered("restoring")


def test_apis_and_relays_run_each_by_themselves_and_nothing_else(
    objects: tuple[Object, ...],
) -> None:
    numbers = {
        each["metadata"]["name"]: each["spec"]["replicas"]
        for each in of_kind(objects, "Deployment")
    }
    running = {
        owner.removeprefix("Deployment/")
        for owner, roles, _ in by_roles(objects)
        if owner.startswith("Deployment/") and roles in ({"api"}, {"relay"})
    }
    assert running == {f"tandem-{each}-api" for each in SERVICES} | {
        f"tandem-{each}-relay" for each in WRITE_SERVICES
    }
    assert {name for name, number in numbers.items() if number} == running
    assert len(numbers) > len(running)
    assert not of_kind(objects, "ScaledObject", "HorizontalPodAutoscaler"), "it would start them"


def test_nobody_calls_but_what_builds_views(objects: tuple[Object, ...]) -> None:
    job: Object = told("upgrading.md", "apiVersion: batch/v1")
    builder: Object = job["spec"]["template"]
    for owner, roles, pod in by_roles(objects):
        if owner.startswith("Deployment/") and roles == {"api"}:
            assert into(objects, pod, None) == {"internal"}, owner
            assert {"http", "grpc"} <= into(objects, pod, builder), owner


def test_the_labels_that_the_page_names_choose_them(objects: tuple[Object, ...]) -> None:
    """docs/operating.md starts by these what was ended."""
    chosen = {
        "matchLabels": {"app.kubernetes.io/instance": "tandem"},
        "matchExpressions": [
            {"key": "tandem.part", "operator": "In", "values": ["api", "relay"]},
        ],
    }
    for each in of_kind(objects, "Deployment"):
        runs = each["spec"]["replicas"] > 0
        assert selects(chosen, each["metadata"]["labels"]) is runs, each["metadata"]["name"]
