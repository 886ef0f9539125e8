"""Who is an administrator of one namespace may install the chart there; its pods may do nothing."""

from __future__ import annotations

import json

import pytest

from services.assembly.registry import SERVICES
from tests.support.charts import LEAST
from tests.support.helm import CHART
from tests.support.kube.api import ClusterApi, Refused

QUIET = ("--no-hooks", "--timeout", "2m")
# What the cluster roles `view`, `edit` and `admin` are put together from, by a controller.
PARTS = ("view", "edit", "admin")


def granted(api: ClusterApi, namespace: str, *parts: str) -> ClusterApi:
    """As the district's IT, who has these in the namespace alone."""
    for part in parts:
        role = f"--clusterrole=system:aggregate-to-{part}"
        api.kubectl("-n", namespace, "create", "rolebinding", part, role, "--user=it")
    return api.as_user("it")


def may(api: ClusterApi, user: str, namespace: str, verb: str, what: str) -> bool:
    """What the server itself says of it."""
    asked = {"namespace": namespace, "verb": verb, "resource": what}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "resourceAttributes": asked},
    }
    answer = api.kubectl("create", "-o", "json", "-f", "-", objects=[review])
    return bool(json.loads(answer.out)["status"]["allowed"])


@pytest.fixture
def it(api: ClusterApi, namespace: str) -> ClusterApi:
    """An administrator of the namespace."""
    return granted(api, namespace, *PARTS)


def test_an_administrator_of_the_namespace_installs_it(it: ClusterApi, namespace: str) -> None:
    release = ("tandem", CHART, "-n", namespace, *QUIET)
    it.helm("install", *release, values=LEAST)
    it.helm("upgrade", *release, values={**LEAST, "split": "roles"})
    it.helm("rollback", "tandem", "1", "-n", namespace, *QUIET)
    it.helm("uninstall", "tandem", "-n", namespace, *QUIET)


def test_who_may_look_only_does_not(api: ClusterApi, namespace: str) -> None:
    it = granted(api, namespace, "view")
    with pytest.raises(Refused, match="forbidden"):
        it.helm("install", "tandem", CHART, "-n", namespace, *QUIET, values=LEAST)


def test_its_accounts_may_do_nothing_and_its_pods_have_no_token_of_them(
    it: ClusterApi, api: ClusterApi, namespace: str
) -> None:
    it.helm("install", "tandem", CHART, "-n", namespace, *QUIET, values=LEAST)
    names = {each["metadata"]["name"] for each in api.get("serviceaccounts", "-n", namespace)}
    assert names == {"default", *(f"tandem-{service}" for service in SERVICES)}
    asked = (("list", "secrets"), ("create", "pods"), ("get", "configmaps"))
    for verb, what in asked:
        assert may(api, "it", namespace, verb, what)
        for name in names:
            account = f"system:serviceaccount:{namespace}:{name}"
            assert not may(api, account, namespace, verb, what)
    for each in api.get("deployments", "-n", namespace):
        assert each["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
