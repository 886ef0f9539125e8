"""Jobs that run before a release changes anything: they need nothing that only it brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from services.ctl.exits import Exit
from tests.support.charts import LEAST
from tests.support.helm import Object, of_kind, render

STRIMZI = {"users": True, "cluster": "district"}
SECRETS = {"enabled": True, "store": "vault"}
WAYS: Mapping[str, Object] = {
    "given": {},
    "users by Strimzi": {
        "strimzi": STRIMZI,
        "kafka": LEAST["kafka"] | {"sasl": {"secret": "tandem-{service}"}},
    },
    "External Secrets": {"externalSecrets": SECRETS},
    "both": {
        "externalSecrets": SECRETS,
        "strimzi": STRIMZI,
        "kafka": LEAST["kafka"] | {"sasl": {"secret": "tandem-{service}"}},
    },
}


def objects(way: str, **more: Any) -> tuple[Object, ...]:
    return tuple(render({**LEAST, **WAYS[way], **more}))


def hooks(found: tuple[Object, ...]) -> dict[str, tuple[set[str], Any]]:
    """By the name of its Job: when it runs, and what it is."""
    return {
        each["metadata"]["name"].removeprefix("tandem-"): (
            set(each["metadata"]["annotations"]["helm.sh/hook"].split(",")),
            each["spec"],
        )
        for each in of_kind(found, "Job")
    }


def made(found: tuple[Object, ...]) -> set[str]:
    """Names of the Secrets that the release makes itself."""
    return {each["metadata"]["name"] for each in of_kind(found, "ExternalSecret", "KafkaUser")}


def needed(spec: Any) -> set[str]:
    """Names of the Secrets without which a pod does not start."""
    pod = spec["template"]["spec"]
    sources = [
        source.get("secret", {})
        for volume in pod["volumes"]
        for source in volume.get("projected", {}).get("sources", [])
    ]
    sources += [
        variable["valueFrom"]["secretKeyRef"]
        for container in pod["containers"]
        for variable in container["env"]
        if "valueFrom" in variable
    ]
    return {each["name"] for each in sources if each and not each.get("optional")}


def asked(found: tuple[Object, ...]) -> dict[str, Any]:
    """Of External Secrets, by the Secret and its key: where in the store that is."""
    return {
        f"{each['spec']['target']['name']}/{one['secretKey']}": one["remoteRef"]
        for each in of_kind(found, "ExternalSecret")
        for one in each["spec"]["data"]
    }


def test_a_store_whose_entries_have_properties_is_asked_for_one() -> None:
    properties = {"mongodbProperty": "mongodb_uri", "kafkaProperty": "password"}
    sasl = {"kafka": LEAST["kafka"] | {"sasl": {"secret": "tandem-{service}-kafka"}}}
    whole, parts = (
        asked(objects("given", externalSecrets=SECRETS | more, **sasl)) for more in ({}, properties)
    )
    assert whole["tandem-goals-mongodb/mongodb_uri"] == {"key": "tandem/goals/mongodb"}
    assert whole["tandem-topics-kafka/password"] == {"key": "tandem/topics/kafka"}
    assert parts == {
        name: {**each, "property": name.partition("/")[2]} for name, each in whole.items()
    }


@pytest.mark.parametrize("way", WAYS)
def test_at_the_first_installation_nothing_waits_for_what_comes_after_it(way: str) -> None:
    found = objects(way)
    for name, (when, spec) in hooks(found).items():
        if "pre-install" in when:
            assert not needed(spec) & made(found), name


@pytest.mark.parametrize("way", WAYS)
def test_before_an_upgrade_nothing_waits_for_a_service_that_is_new(way: str) -> None:
    """The Secret of the Job of topics is of the first installation; of a new service there is none
    yet where the release makes it."""
    found = objects(way)
    own = needed(hooks(found)["topics"][1])
    for name, (when, spec) in hooks(found).items():
        if "pre-upgrade" in when and name != "topics":
            assert not (needed(spec) - own) & made(found), name


@pytest.mark.parametrize("way", WAYS)
def test_indexes_are_made_before_pods_change_and_in_the_end_for_all(way: str) -> None:
    found = hooks(objects(way))
    early = [spec for when, spec in found.values() if "pre-upgrade" in when]
    commands = [each["args"] for spec in early for each in spec["template"]["spec"]["containers"]]
    assert ["tandem", "indexes", "ensure"] in [each[:3] for each in commands]
    if WAYS[way].get("externalSecrets"):
        when, spec = found["indexes"]
        assert when == {"post-install", "post-upgrade"}
        assert found["indexes-before"][0] == {"pre-upgrade"}
        args = [each["args"] for each in spec["template"]["spec"]["containers"]]
        leaving_out = [each["args"] for each in early[-1]["template"]["spec"]["containers"]]
        assert leaving_out == [[*each[:5], "--where-named", *each[5:]] for each in args]
    else:
        assert found["indexes"][0] == {"pre-install", "pre-upgrade"}
        assert "indexes-before" not in found


@pytest.mark.parametrize("way", WAYS)
def test_who_waits_for_rights_tries_until_its_time_is_over_and_for_nothing_else(way: str) -> None:
    for name, (when, spec) in hooks(objects(way)).items():
        waits = sum(10 * 2**n for n in range(spec["backoffLimit"]))  # as Kubernetes does
        if "post-install" in when:
            assert waits >= spec["activeDeadlineSeconds"], name
        (rule,) = spec["podFailurePolicy"]["rules"]
        assert rule["action"] == "FailJob"
        assert set(rule["onExitCodes"]["values"]) == {Exit.USAGE, Exit.REFUSED}


def test_plain_jobs_wait_by_themselves_so_that_one_of_each_is_enough() -> None:
    found = of_kind(objects("both", jobs={"as": "job"}), "Job")
    assert len(found) == 2
    assert "optional" not in yaml.safe_dump(found)
