"""Helm installs, upgrades, rolls back and uninstalls the chart with each example, on a server that
keeps what it is given. Nothing runs: there is no node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.charts import EVERYTHING, LEAST, rendered
from tests.support.helm import CHART
from tests.support.kube.api import ClusterApi, Refused

EXAMPLES = ("trial", "district", "city")
# Without hooks, since nobody would run their Jobs.
QUIET = ("--no-hooks", "--timeout", "2m")
KINDS = (
    "deployment,service,configmap,serviceaccount,poddisruptionbudget,networkpolicy,"
    "horizontalpodautoscaler,secret,httproute,grpcroute,gateway,certificate,scaledobject,"
    "triggerauthentication,externalsecret,podmonitor,prometheusrule,kafkatopic,kafkauser"
)
NEWER = {"settings": {"LOG_LEVEL": "warning"}}


def example(name: str) -> tuple[str, ...]:
    keys = ("--set-json", 'districtFiles={"keys.json": "{}"}') if name == "trial" else ()
    return ("-f", str(CHART / f"examples/{name}.yaml"), *keys)


def kept(api: ClusterApi, namespace: str) -> dict[tuple[str, str], Any]:
    """What the release has there, by kind and name, without what Helm itself notes."""
    return {
        (each["kind"], each["metadata"]["name"]): each
        for each in api.get(KINDS, "-n", namespace)
        if each["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == "Helm"
    }


def told(found: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """What was asked for, without what the server notes."""
    return {key: {k: each.get(k) for k in ("spec", "data")} for key, each in found.items()}


def wanted(name: str) -> set[tuple[str, str]]:
    hook = "helm.sh/hook"
    return {
        (each["kind"], each["metadata"]["name"])
        for each in rendered(name)
        if hook not in each["metadata"].get("annotations", {})
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_from_its_installation_to_its_end(
    name: str, api: ClusterApi, namespace: str
) -> None:
    release: tuple[str | Path, ...] = ("tandem", CHART, "-n", namespace, *QUIET, *example(name))
    api.helm("install", *release)
    first = kept(api, namespace)
    assert set(first) == wanted(f"the example {name}")

    api.helm("upgrade", *release)
    same = kept(api, namespace)
    assert {key: each["metadata"].get("generation") for key, each in same.items()} == {
        key: each["metadata"].get("generation") for key, each in first.items()
    }

    api.helm("upgrade", *release, values=NEWER)
    newer = told(kept(api, namespace))
    changed = {key for key, each in newer.items() if each != told(first)[key]}
    assert {kind for kind, _ in changed} == {"ConfigMap", "Deployment"}
    deployments = {key for key in newer if key[0] == "Deployment"}
    assert deployments <= changed

    api.helm("rollback", "tandem", "1", "-n", namespace, *QUIET)
    assert told(kept(api, namespace)) == told(first)

    api.helm("uninstall", "tandem", "-n", namespace, *QUIET)
    assert {kind for kind, _ in kept(api, namespace)} <= {"KafkaTopic"}


def test_an_uninstall_leaves_the_topics_of_strimzi(api: ClusterApi, namespace: str) -> None:
    api.helm("install", "tandem", CHART, "-n", namespace, *QUIET, *example("city"))
    topics = {key for key in kept(api, namespace) if key[0] == "KafkaTopic"}
    api.helm("uninstall", "tandem", "-n", namespace, *QUIET)
    assert topics
    assert set(kept(api, namespace)) == topics


SPLITS = {
    "none": "one Deployment a service",
    "api": "least",
    "roles": "one Deployment a role",
}


@pytest.mark.parametrize(
    ("split", "then"), [("none", "api"), ("api", "roles"), ("roles", "api"), ("api", "none")]
)
def test_roles_may_be_split_and_joined_by_an_upgrade(
    split: str, then: str, api: ClusterApi, namespace: str
) -> None:
    """What a Deployment selects cannot be changed: another part is another Deployment."""
    release = ("tandem", CHART, "-n", namespace, *QUIET)
    api.helm("install", *release, values={**LEAST, "split": split})
    api.helm("upgrade", *release, values={**LEAST, "split": then})
    assert set(kept(api, namespace)) == wanted(SPLITS[then])


def test_what_is_turned_off_is_gone(api: ClusterApi, namespace: str) -> None:
    release = ("tandem", CHART, "-n", namespace, *QUIET)
    api.helm("install", *release, values=EVERYTHING)
    api.helm("upgrade", *release, values=LEAST)
    found = {key for key in kept(api, namespace) if key[0] != "KafkaTopic"}
    assert found == wanted("least")


def test_releases_live_side_by_side_and_take_nothing_from_each_other(
    api: ClusterApi, namespace: str
) -> None:
    for name in ("east", "west"):
        api.helm("install", name, CHART, "-n", namespace, *QUIET, values=LEAST)
    release = ("north", CHART, "-n", namespace, *QUIET)
    with pytest.raises(Refused, match="cannot be imported into the current release"):
        api.helm("install", *release, values={**LEAST, "fullnameOverride": "east"})


def test_whoever_has_scaled_it_everything_stops_and_views_are_built(
    api: ClusterApi, namespace: str
) -> None:
    """As docs/operating.md has it. The server keeps who has last said how many there are."""
    release = ("tandem", CHART, "-n", namespace, *QUIET)
    api.helm("install", *release, values=LEAST)
    scaled = ("deployment", "--selector", "tandem.part=api", "--replicas=3")
    api.kubectl("scale", "-n", namespace, *scaled)
    with pytest.raises(Refused, match="conflict with"):
        api.helm("upgrade", *release, values={**LEAST, "restoring": "stopped"})
    for state, running in (("stopped", set()), ("building", {"api", "relay"})):
        values = {**LEAST, "restoring": state}
        api.helm("upgrade", *release, "--force-conflicts", values=values)
        found = {
            each["metadata"]["labels"]["tandem.part"]
            for each in api.get("deployments", "-n", namespace)
            if each["spec"]["replicas"]
        }
        assert found == running
    api.helm("upgrade", *release, values=LEAST)
    assert set(kept(api, namespace)) == wanted("least")
