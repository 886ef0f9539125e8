"""An API server takes every object that the chart renders, field by field, and refuses those that
are wrong: by its own schemas, and by those of other projects with their rules."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.support.charts import MATRIX, rendered
from tests.support.helm import CHART, Object, of_kind, render
from tests.support.kube.api import ClusterApi, Output, Refused

STRICT = ("create", "--dry-run=server", "--validate=strict", "-f", "-")


def placed(objects: Iterable[Object], namespace: str) -> list[Any]:
    """All of them in the one namespace."""
    found = copy.deepcopy(list(objects))
    for each in found:
        each["metadata"]["namespace"] = namespace
    return found


def taken(api: ClusterApi, objects: list[Any], namespace: str) -> Output:
    """The server has looked at all of them, and kept none; Pods need their account to be there."""
    alone = [each for each in objects if each["kind"] == "Pod"]
    if any("priorityClassName" in each["spec"] for each in alone):
        urgent = {"name": "apps"}
        kind = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1}
        api.kubectl("apply", "-f", "-", objects=[{**kind, "metadata": urgent}])
    return api.kubectl(*STRICT, "-n", namespace, objects=objects)


@pytest.mark.parametrize("name", MATRIX)
def test_it_takes_all_that_is_rendered(name: str, api: ClusterApi, namespace: str) -> None:
    objects = placed(rendered(name), namespace)
    answer = taken(api, objects, namespace)
    assert len(answer.out.splitlines()) == len(objects)
    assert answer.warned == ""


def test_it_takes_the_engines_of_a_trial(api: ClusterApi, namespace: str) -> None:
    objects = placed(render({}, chart=CHART.parent / "trial-engines", name="trial"), namespace)
    assert taken(api, objects, namespace).warned == ""


def test_the_matrix_has_an_object_of_each_definition(api: ClusterApi) -> None:
    defined = {each["spec"]["names"]["kind"] for each in api.get("crd")}
    assert defined <= {each["kind"] for name in MATRIX for each in rendered(name)}


def wrong_field(each: Any) -> None:
    each["spec"]["template"]["spec"]["enableServiceLink"] = False


def two_paths(each: Any) -> None:
    """A rule of Gateway API's, in CEL: a path begins with a slash."""
    each["spec"]["rules"][0]["matches"][0]["path"]["value"] = "goals"


def wrong_rpc(each: Any) -> None:
    """Another rule in CEL: a method has letters, digits, dots."""
    each["spec"]["rules"][0]["matches"][0]["method"]["service"] = "coaching/goals"


def no_port(each: Any) -> None:
    """And one about several fields: a Service has a port."""
    del each["spec"]["rules"][0]["backendRefs"][0]["port"]


def many(each: Any) -> None:
    each["spec"]["maxReplicaCount"] = "twelve"


def no_interval(each: Any) -> None:
    each["spec"]["podMetricsEndpoints"][0]["interval"] = "often"


def no_key(each: Any) -> None:
    del each["spec"]["data"][0]["remoteRef"]["key"]


def half_a_partition(each: Any) -> None:
    each["spec"]["partitions"] = 1.5


def another_kind_of_proof(each: Any) -> None:
    each["spec"]["authentication"] = "password"


def no_name(each: Any) -> None:
    del each["spec"]["issuerRef"]["name"]


def both(each: Any) -> None:
    """A rule that schemas cannot say: labels of pods are those that are selected."""
    each["spec"]["selector"]["matchLabels"]["tandem.part"] = "another"


WRONG: dict[str, tuple[str, Callable[[Any], None], str]] = {
    "a field that nobody knows": ("Deployment", wrong_field, "unknown field"),
    "labels that are not selected": ("Deployment", both, "`selector` does not match"),
    "a path without a slash": ("HTTPRoute", two_paths, "value must be an absolute path"),
    "a Service without a port": ("HTTPRoute", no_port, "Must have port for Service reference"),
    "no name of an RPC": ("GRPCRoute", wrong_rpc, "service must only contain valid characters"),
    "a number in letters": ("ScaledObject", many, "spec.maxReplicaCount"),
    "no length of time": ("PodMonitor", no_interval, "interval"),
    "a secret without a key": ("ExternalSecret", no_key, "remoteRef.key"),
    "half a partition": ("KafkaTopic", half_a_partition, "spec.partitions"),
    "a user with a proof of its own": ("KafkaUser", another_kind_of_proof, "spec.authentication"),
    "a certificate of nobody": ("Certificate", no_name, "issuerRef.name"),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_refuses(what: str, api: ClusterApi, namespace: str) -> None:
    kind, break_it, words = WRONG[what]
    (each, *_) = placed(of_kind(rendered("everything"), kind), namespace)
    taken(api, [each], namespace)
    break_it(each)
    with pytest.raises(Refused) as caught:
        taken(api, [each], namespace)
    assert words in str(caught.value)
