"""Who reaches whom: the NetworkPolicies as a cluster would read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from tests.support.charts import LEAST, rendered
from tests.support.helm import CHART, Object, helm, of_kind, pods, selects

DNS, KAFKA, MONGODB, ISSUERS = 53, 9093, 27017, 443
CALLERS = ("Pod/tandem-test", "Pod/tandem-doctor")


def policies(objects: tuple[Object, ...], pod: Object) -> Iterator[Object]:
    for each in of_kind(objects, "NetworkPolicy"):
        if selects(each["spec"]["podSelector"], pod["metadata"]["labels"]):
            yield each["spec"]


def out(objects: tuple[Object, ...], pod: Object) -> set[int | str]:
    """The ports that a pod may call, of whomever."""
    found = list(policies(objects, pod))
    assert any("Egress" in each["policyTypes"] for each in found)
    return {
        port["port"] for each in found for rule in each.get("egress", []) for port in rule["ports"]
    }


def into(objects: tuple[Object, ...], pod: Object, caller: Object | None) -> set[int | str]:
    """The ports of a pod that a pod of the release may call; `None`: that anybody else may."""
    found = list(policies(objects, pod))
    assert any("Ingress" in each["policyTypes"] for each in found)
    ports: set[int | str] = set()
    for each in found:
        for rule in each.get("ingress", []):
            for peer in rule["from"]:
                own = "namespaceSelector" not in peer and "podSelector" in peer
                if caller is None:
                    taken = not own
                else:
                    labels = caller["metadata"]["labels"]
                    taken = own and selects(peer["podSelector"], labels)
                if taken:
                    ports |= {port["port"] for port in rule["ports"]}
    return ports


def by_roles(objects: tuple[Object, ...]) -> Iterator[tuple[str, set[str], Object]]:
    for name, pod in pods(objects):
        variables = pod["spec"]["containers"][0].get("env", [])
        told = [each["value"] for each in variables if each["name"] == "ROLES"]
        yield name, {role.partition(".")[0] for role in ",".join(told).split(",")}, pod


@pytest.mark.parametrize("name", ["least", "one Deployment a service", "one Deployment a role"])
def test_pods_call_what_their_roles_need_and_nobody_else(name: str) -> None:
    objects = rendered(name)
    for owner, roles, pod in by_roles(objects):
        wanted: set[int | str] = {DNS}
        if roles & {"api"}:
            wanted |= {ISSUERS}
        if roles & {"api", "relay", "projector"} or owner == "Job/tandem-topics":
            wanted |= {KAFKA}
        if roles & {"api", "relay", "projector", "duties"} or owner == "Job/tandem-indexes":
            wanted |= {MONGODB}
        if owner in CALLERS:
            wanted |= {"http", "grpc"}
        if owner == "Pod/tandem-doctor":
            wanted |= {KAFKA, MONGODB, ISSUERS}
        assert out(objects, pod) == wanted, owner


@pytest.mark.parametrize("name", ["least", "one Deployment a role", "everything"])
def test_apis_are_called_by_the_gateway_and_by_nobody_in_the_release(name: str) -> None:
    objects = rendered(name)
    every = list(by_roles(objects))
    testers = [pod for owner, _, pod in every if owner in CALLERS]
    assert len(testers) == len(CALLERS)
    for owner, roles, pod in every:
        serves = "api" in roles
        runs = bool(roles - {""})
        outside: set[int | str] = {"internal"} if runs else set()
        if serves and name == "everything":
            outside |= {"http", "grpc"}
        assert into(objects, pod, None) == outside, owner
        for tester in testers:
            assert into(objects, pod, tester) == ({"http", "grpc"} if serves else set()), owner
        for other, _, caller in every:
            if other not in CALLERS:
                assert into(objects, pod, caller) == set(), (other, owner)


def test_the_least_values_let_nobody_call() -> None:
    objects = rendered("least")
    (api,) = [
        each
        for each in of_kind(objects, "NetworkPolicy")
        if each["metadata"]["name"] == "tandem-api"
    ]
    (rule,) = api["spec"]["ingress"]
    assert all("namespaceSelector" not in peer for peer in rule["from"])


def test_names_are_asked_for_at_the_pods_that_know_them() -> None:
    """By selector: a policy sees the pod's port and address, not those of its Service."""
    (base,) = [
        each
        for each in of_kind(rendered("least"), "NetworkPolicy")
        if each["metadata"]["name"] == "tandem"
    ]
    (rule,) = base["spec"]["egress"]
    assert all({"namespaceSelector", "podSelector"} <= peer.keys() for peer in rule["to"])
    assert {port["protocol"] for port in rule["ports"]} == {"UDP", "TCP"}


def test_given_peers_and_ports_bound_where_pods_go() -> None:
    objects = rendered("everything")
    rules = {
        each["metadata"]["name"]: each["spec"]["egress"]
        for each in of_kind(objects, "NetworkPolicy")
        if "egress" in each["spec"]
    }
    for name, ports in {
        "tandem-kafka": {9093, 9094, 9095},
        "tandem-mongodb": {27017},
        "tandem-api": {443},
        "tandem-doctor": {443},
        "tandem-services": {4317},
    }.items():
        (rule,) = rules[name]
        assert rule["to"], name
        assert {port["port"] for port in rule["ports"]} == ports


def warned(values: Object) -> set[str]:
    """Of whom Helm says after an install that any address at their ports is let out to."""
    dry = ("--namespace", "coaching", "--dry-run=client")
    notes = helm("install", "tandem", CHART, *dry, values=values).partition("NOTES:")[2]
    return set(re.findall(r"any address at the ports of (\w+): name .*`networkPolicy", notes))


def test_who_names_no_peers_is_told_that_ports_alone_are_kept() -> None:
    peers: Object = {"to": [{"ipBlock": {"cidr": "192.0.2.0/26"}}]}
    assert warned(LEAST) == {"kafka", "mongodb", "issuers"}
    assert not warned({**LEAST, "networkPolicy": {"enabled": False}})
    files: Object = {"ports": []}  # all keys of issuers are files
    policy = {"kafka": peers, "mongodb": peers, "issuers": files}
    spans = {"tracing": {"endpoint": "http://otel.example.org:4317"}}
    assert warned({**LEAST, **spans, "networkPolicy": policy}) == {"tracing"}
    policy |= {"issuers": peers, "tracing": peers}
    assert not warned({**LEAST, **spans, "networkPolicy": policy})


@pytest.mark.parametrize("name", ["district", "city"])
def test_the_examples_name_all_peers(name: str) -> None:
    assert not warned(yaml.safe_load((CHART / f"examples/{name}.yaml").read_text()))
