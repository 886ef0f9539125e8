"""What the chart makes while databases are being restored."""

from __future__ import annotations

import pytest

from services.assembly.registry import SERVICES, WRITE_SERVICES
from tests.deploy.test_network import by_roles, into
from tests.deploy.test_operators_job import told
from tests.support.charts import LEAST, rendered
from tests.support.helm import Object, of_kind, render

STATES = ("stopped", "building")


@pytest.fixture(scope="module", params=STATES)
def objects(request: pytest.FixtureRequest) -> tuple[Object, ...]:
    return rendered(request.param)


def numbers(objects: tuple[Object, ...]) -> dict[str, int]:
    """How many pods each Deployment has."""
    found = of_kind(objects, "Deployment")
    return {each["metadata"]["name"]: each["spec"]["replicas"] for each in found}


def test_nothing_runs_where_it_is_stopped() -> None:
    assert set(numbers(rendered("stopped")).values()) == {0}


def test_no_job_runs_where_it_is_stopped_since_the_engines_may_be_away() -> None:
    assert not of_kind(rendered("stopped"), "Job")
    assert of_kind(rendered("building"), "Job")


def test_plain_jobs_of_one_name_are_one() -> None:
    """Or an upgrade would change what cannot be changed; while views are built there are others,
    since topics and indexes are made anew."""
    plain = {**LEAST, "jobs": {"as": "job"}}
    others: tuple[Object, ...] = (
        {},
        {"restoring": "building"},
        {"pods": {"nodeSelector": {"disk": "fast"}}},
        {"image": {"pullSecrets": ["registry"]}},
        {"kafka": {**LEAST["kafka"], "ca": {"secret": "authorities"}}},
    )
    named = [
        {each["metadata"]["name"] for each in of_kind(render({**plain, **other}), "Job")}
        for other in others
    ]
    assert all(len(names) == 2 for names in named)
    assert len(set().union(*named)) >= 2 * len(others) - 1


def test_one_of_each_api_and_relay_is_there_to_build_views_and_nothing_else() -> None:
    objects = rendered("building")
    running = {
        owner.removeprefix("Deployment/")
        for owner, roles, _ in by_roles(objects)
        if owner.startswith("Deployment/") and roles in ({"api"}, {"relay"})
    }
    assert running == {f"tandem-{each}-api" for each in SERVICES} | {
        f"tandem-{each}-relay" for each in WRITE_SERVICES
    }
    found = numbers(objects)
    assert len(found) > len(running)
    assert found == {name: int(name in running) for name in found}


def test_no_scaler_starts_what_is_to_wait(objects: tuple[Object, ...]) -> None:
    assert not of_kind(objects, "ScaledObject", "HorizontalPodAutoscaler")


def test_nobody_calls_but_what_builds_views(objects: tuple[Object, ...]) -> None:
    job: Object = told("upgrading.md", "apiVersion: batch/v1")
    builder: Object = job["spec"]["template"]
    for owner, roles, pod in by_roles(objects):
        if owner.startswith("Deployment/") and roles == {"api"}:
            assert into(objects, pod, None) == {"internal"}, owner
            assert {"http", "grpc"} <= into(objects, pod, builder), owner
