"""A proxy, and an authority of the district's own, on the way to issuers."""

from __future__ import annotations

import pytest

from services.ctl.chart import registry
from tests.deploy.test_network import out
from tests.deploy.test_operators_job import told
from tests.support.charts import LEAST, ROSTERS, rendered
from tests.support.helm import HelmRefuses, Object, of_kind, pods, render

AT_CA = "/etc/tandem/issuers/ca.crt"


@pytest.fixture(scope="module")
def behind() -> tuple[Object, ...]:
    """As the page says, with rosters that come by themselves."""
    return tuple(render({**ROSTERS, **told("operating.md", "pods:\n  env:")}))


def test_every_container_knows_the_proxy_of_the_page(behind: tuple[Object, ...]) -> None:
    kinds = set()
    for owner, pod in pods(behind):
        kinds.add(owner.partition("/")[0])
        for container in pod["spec"]["containers"]:
            if owner != "Pod/tandem-test":  # which asks the services alone
                names = [each["name"] for each in container["env"]]
                assert {"HTTPS_PROXY", "NO_PROXY"} <= set(names), owner
                assert len(set(names)) == len(names), owner
    assert kinds == {"Deployment", "Job", "CronJob", "Pod"}


def test_what_asks_issuers_reaches_it(behind: tuple[Object, ...]) -> None:
    asking = [
        pod
        for owner, pod in pods(behind)
        if owner.endswith("-api") or owner.startswith("CronJob/") or owner == "Pod/tandem-doctor"
    ]
    assert len(asking) > 9
    assert all(3128 in out(behind, pod) for pod in asking)


def test_what_asks_issuers_knows_the_authority_and_has_its_file() -> None:
    values = {**ROSTERS, "issuers": {"ca": {"secret": "ours", "key": "pem"}}}
    objects = tuple(render(values))
    config = {each["metadata"]["name"]: each["data"] for each in of_kind(objects, "ConfigMap")}
    for owner, pod in pods(objects):
        if owner in ("Pod/tandem-test", "Job/tandem-indexes"):
            continue
        (volume,) = [each for each in pod["spec"]["volumes"] if each["name"] == "issuers"]
        (source,) = volume["projected"]["sources"]
        assert source["secret"] == {"name": "ours", "items": [{"key": "pem", "path": "ca.crt"}]}
        for each in pod["spec"]["containers"]:
            variables = {one["name"]: one.get("value") for one in each.get("env", ())}
            for one in each.get("envFrom", ()):
                variables |= config[one["configMapRef"]["name"]]
            assert variables["ISSUERS_CA_FILE"] == AT_CA, owner
            (mount,) = [m for m in each["volumeMounts"] if m["name"] == "issuers"]
            assert mount["mountPath"] == AT_CA.rpartition("/")[0]


def test_without_one_nothing_is_mounted() -> None:
    assert "issuers" not in {
        volume["name"] for _, pod in pods(rendered("least")) for volume in pod["spec"]["volumes"]
    }


def test_settings_are_refused_as_variables_by_the_names_of_the_registry() -> None:
    names = ["ROLES", "MONGODB_URI", "SECRETS_DIR", "ROSTER_REMOVAL_SHARE", "ISSUERS_CA_FILE"]
    assert set(names) <= set(registry()["variables"])
    env = [{"name": name, "value": "a"} for name in names]
    with pytest.raises(HelmRefuses) as caught:
        render({**LEAST, "pods": {"env": env}})
    for number, name in enumerate(names):
        assert f"pods.env[{number}]: {name} is a setting of Tandem" in str(caught.value)
    for wrong in ({"name": "A"}, {"name": "A", "value": "a", "valueFrom": {}}, {"name": "A B"}):
        with pytest.raises(HelmRefuses, match="/pods/env/0"):
            render({**LEAST, "pods": {"env": [wrong]}})
