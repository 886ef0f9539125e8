"""A namespace that enforces the pod security `restricted` admits every pod of both charts, and none
that has lost one of the fields which that asks for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.charts import MATRIX, rendered
from tests.support.helm import CHART, Object, of_kind, pods, render
from tests.support.kube.api import ClusterApi, Refused

CREATE = ("create", "--dry-run=server", "-f", "-")
CLASS = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1}


def made(api: ClusterApi, objects: list[Object], namespace: str) -> list[Any]:
    """The pods that Deployments, Jobs and the like would make; their accounts are there."""
    accounts = of_kind(objects, "ServiceAccount")
    for each in accounts:
        api.kubectl("-n", namespace, "apply", "-f", "-", objects=[without_namespace(each)])
    api.kubectl("apply", "-f", "-", objects=[{**CLASS, "metadata": {"name": "apps"}}])
    return list(_named(objects))


def without_namespace(each: Object) -> Object:
    kept = {key: value for key, value in each["metadata"].items() if key != "namespace"}
    return {**each, "metadata": kept}


def _named(objects: list[Object]) -> Iterator[Any]:
    for number, (_, template) in enumerate(pods(objects)):
        pod = copy.deepcopy(dict(template))
        pod |= {"apiVersion": "v1", "kind": "Pod"}
        pod["metadata"] = {"name": f"pod-{number}", "labels": pod["metadata"]["labels"]}
        _give_volumes(pod["spec"])
        yield pod


def _give_volumes(spec: Any) -> None:
    """Those that a StatefulSet claims for its pods."""
    known = {each["name"] for each in spec["volumes"]}
    mounted = {m["name"] for each in spec["containers"] for m in each["volumeMounts"]}
    spec["volumes"] += [{"name": name, "emptyDir": {}} for name in sorted(mounted - known)]


@pytest.mark.parametrize("name", MATRIX)
def test_it_admits_every_pod(name: str, api: ClusterApi, namespace: str) -> None:
    found = made(api, list(rendered(name)), namespace)
    answer = api.kubectl("-n", namespace, *CREATE, objects=found)
    assert len(answer.out.splitlines()) == len(found)


def test_it_admits_the_engines_of_a_trial(api: ClusterApi, namespace: str) -> None:
    objects = render({}, chart=CHART.parent / "trial-engines", name="trial")
    found = made(api, list(objects), namespace)
    assert len(api.kubectl("-n", namespace, *CREATE, objects=found).out.splitlines()) == 2


def escalates(pod: Any) -> None:
    del pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"]


def capable(pod: Any) -> None:
    pod["spec"]["containers"][0]["securityContext"]["capabilities"] = {"add": ["NET_ADMIN"]}


def perhaps_root(pod: Any) -> None:
    del pod["spec"]["securityContext"]["runAsNonRoot"]
    for each in pod["spec"]["containers"]:
        del each["securityContext"]["runAsNonRoot"]


def root(pod: Any) -> None:
    pod["spec"]["containers"][0]["securityContext"]["runAsUser"] = 0


def any_call(pod: Any) -> None:
    del pod["spec"]["securityContext"]["seccompProfile"]
    for each in pod["spec"]["containers"]:
        del each["securityContext"]["seccompProfile"]


def the_nodes_files(pod: Any) -> None:
    pod["spec"]["volumes"].append({"name": "node", "hostPath": {"path": "/"}})


def the_nodes_network(pod: Any) -> None:
    pod["spec"]["hostNetwork"] = True


LOST: dict[Callable[[Any], None], str] = {
    escalates: "allowPrivilegeEscalation != false",
    capable: "unrestricted capabilities",
    perhaps_root: "runAsNonRoot != true",
    root: "runAsUser=0",
    any_call: "seccompProfile",
    the_nodes_files: "restricted volume types",
    the_nodes_network: "host namespaces",
}


@pytest.mark.parametrize("lose", LOST)
def test_it_refuses_a_pod_that(
    lose: Callable[[Any], None], api: ClusterApi, namespace: str
) -> None:
    (pod, *_) = made(api, list(rendered("least")), namespace)
    lose(pod)
    with pytest.raises(Refused) as caught:
        api.kubectl("-n", namespace, *CREATE, objects=[pod])
    assert "violates PodSecurity" in str(caught.value)
    assert LOST[lose] in str(caught.value)


def test_it_warns_of_a_deployment_whose_pods_it_would_refuse(
    api: ClusterApi, namespace: str
) -> None:
    (first, *_) = of_kind(rendered("least"), "Deployment")
    wrong = copy.deepcopy(dict(without_namespace(first)))
    escalates(wrong["spec"]["template"])
    answer = api.kubectl("-n", namespace, *CREATE, objects=[wrong])
    assert "would violate PodSecurity" in answer.warned
