"""The chart is whole: it follows the registry, renders whatever is asked of it, and refuses
mistakes in words."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.access.districts import load_districts
from services.assembly.registry import SERVICES
from tests.support.charts import EVERYTHING, ISSUER, LEAST, MATRIX, rendered
from tests.support.helm import CHART, HelmRefuses, Object, helm, of_kind, render

INSTALLING = CHART.parents[2] / "docs/installing.md"
GOLDEN = Path(__file__).parent / "golden/least.yaml"


def test_the_chart_has_every_service() -> None:
    found = {each["metadata"]["name"] for each in of_kind(rendered("least"), "Service")}
    assert found == {f"tandem-{name}" for name in SERVICES}


def test_the_chart_has_the_version_of_the_services() -> None:
    from services.assembly.service import VERSION

    told = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert told["appVersion"] == VERSION


@pytest.mark.parametrize("name", MATRIX)
def test_it_renders(name: str) -> None:
    values, files = MATRIX[name]
    told = [part for file in files for part in ("-f", CHART / file)]
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART, *told, values=values)
    assert rendered(name)


def test_the_example_of_the_documentation_renders() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", INSTALLING.read_text(), re.DOTALL)
    assert of_kind(render(yaml.safe_load(example)), "HTTPRoute")


@pytest.mark.parametrize("name", MATRIX)
def test_every_name_is_there_once(name: str) -> None:
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in rendered(name)
    ]
    assert len(set(names)) == len(names)


def test_what_the_least_values_render() -> None:
    """To be read before it is committed: what changes here changes for everybody."""
    text = helm("template", "tandem", CHART, "--namespace", "coaching", values=LEAST)
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def merged(values: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """`values` with one more at a path with dots."""
    made = copy.deepcopy(dict(values))
    *folders, last = path.split(".")
    place = made
    for folder in folders:
        place = place.setdefault(folder, {})
    place[last] = value
    return made


def refusal(values: Object) -> str:
    with pytest.raises(HelmRefuses) as caught:
        render(values)
    return str(caught.value)


UNKNOWN = "additional properties"
# By groups that are refused together, since each start of helm takes a while.
REFUSED: dict[str, list[tuple[str, object, str]]] = {
    "by the schema": [
        ("kafa", {}, f"at '': {UNKNOWN} 'kafa' not allowed"),
        ("kafka.brokers", "a:1", f"at '/kafka': {UNKNOWN} 'brokers' not allowed"),
        ("services.gaols", {}, f"at '/services': {UNKNOWN} 'gaols' not allowed"),
        ("services.privacy.replicas", 2, f"{UNKNOWN} 'replicas' not allowed"),
        ("services.goals.settings", {"LIVE_MAILBOX": 9}, f"{UNKNOWN} 'LIVE_MAILBOX' not allowed"),
        ("services.insights.settings", {"LIVE_MAILBOX": 1}, "minimum: got 1, want 8"),
        ("services.goals.api.replicas", 0, "at '/services/goals/api/replicas': minimum: got 0"),
        ("settings.LOG_LEVEL", "loud", "must be one of 'debug', 'info', 'warning', 'error'"),
        ("settings.MONGODB_URI", "mongodb://a", f"at '/settings': {UNKNOWN} 'MONGODB_URI'"),
        ("split", "some", "at '/split': value must be one of 'none', 'api', 'roles'"),
        ("autoscaling.projectors.maxReplicas", 13, "maximum: got 13, want 12"),
        ("districts.a", {"smal_n": 5}, f"at '/districts/a': {UNKNOWN} 'smal_n' not allowed"),
        ("districts.b", {"small_n": 4}, "at '/districts/b/small_n': minimum: got 4, want 5"),
        ("networkPolicy.callers", [{"podSelectr": {}}], f"{UNKNOWN} 'podSelectr' not allowed"),
        ("networkPolicy.dns.ports", [0], "at '/networkPolicy/dns/ports/0': minimum: got 0"),
    ],
    "without brokers": [
        (
            "kafka.bootstrapServers",
            "",
            "name the brokers as host:port, several separated by commas",
        ),
        ("kafka.securityProtocol", "PLAINTEXT", "production needs TLS, so SASL_SSL or SSL"),
        ("kafka.ca.secret", "a", "kafka.securityProtocol PLAINTEXT has no TLS"),
        ("settings.BACKDATING", True, "settings.BACKDATING: for demos and tests; production"),
        ("image.digest", "sha256:12", "image.digest: sha256: and 64 digits of 0-9 and a-f"),
        ("routes", {"kind": "gateway", "hostname": "a.org"}, "routes.gateway.name: name the"),
        ("strimzi", {"users": True}, "strimzi.cluster: the name of its Kafka"),
        ("fullnameOverride", "a" * 31, "at most 30 characters"),
    ],
    "without a port": [
        ("kafka.bootstrapServers", "kafka", "name the brokers as host:port"),
        ("kafka.securityProtocol", "SSL", "since kafka.securityProtocol SSL has no SASL"),
        ("mongodb.ca", {"secret": "a", "configMap": "b"}, "mongodb.ca: a Secret or a ConfigMap"),
        ("issuers.ca", {"secret": "a", "configMap": "b"}, "issuers.ca: a Secret or a ConfigMap"),
        (
            "pods.env",
            [{"name": name, "value": "a"} for name in ("LOG_LEVEL", "A", "A", "TANDEM_URL")],
            "pods.env[0]: LOG_LEVEL is a setting of Tandem: give it under settings",
        ),
        ("pods.annotations", {}, "pods.env[2]: A is there already"),
        ("pods.labels", {}, "pods.env[3]: TANDEM_URL is a setting of Tandem"),
        ("image.tag", "latest", "image.tag: name a version"),
        ("routes", {"kind": "ingress", "hostname": "https://a.org/"}, "without https:// and path"),
        ("routes.grpcHostname", "a.org/grpc", "routes.grpcHostname: a name beside routes.host"),
        ("strimzi.minInsyncReplicas", 4, "at most as many as strimzi.replicas"),
        ("externalSecrets.enabled", True, "externalSecrets.store: the name of the store"),
        ("districts.a.issuers", [ISSUER | {"jwks_file": "/a"}], "exactly one of jwks_uri and"),
    ],
    "with a space": [
        ("kafka.bootstrapServers", "a:1, b:2", "name the brokers as host:port"),
        ("kafka.sasl.mechanism", "OAUTHBEARER", "kafka.sasl.tokenEndpoint: it goes with"),
        ("routes", {"kind": "ingress", "hostname": "a.org"}, "routes.tls.secret: the Secret with"),
        ("districts.a.issuers", [ISSUER | {"jwks_uri": "http://a"}], "begins with https:// in"),
        (
            "districts.b.issuers",
            [{"issuer": "b", "audience": "b", "jwks_file": "/etc/tandem/districts/keys.json"}],
            "keys.json is no file of districtFiles, which are in /etc/tandem/districts",
        ),
        ("services.goals.split", "none", "goals has split: none"),
        ("autoscaling.projectors.enabled", True, "they scale apart from the API"),
        ("existingDistricts", "mine", "the districts are in that ConfigMap, or in districts"),
    ],
    "without SASL": [("kafka.sasl.mechanism", "", "kafka.securityProtocol SASL_SSL needs one")],
}


@pytest.mark.parametrize("group", REFUSED)
def test_mistakes_are_refused_in_words_and_all_at_once(group: str) -> None:
    values = LEAST
    for path, value, _ in REFUSED[group]:
        values = merged(values, path, value)
    said = refusal(values)
    assert not [words for _, _, words in REFUSED[group] if words not in said], said


def test_the_services_take_the_districts_that_the_chart_writes(tmp_path: Path) -> None:
    (found,) = [
        each
        for each in of_kind(rendered("everything"), "ConfigMap")
        if each["metadata"]["name"] == "tandem-districts"
    ]
    path = tmp_path / "districts.yaml"
    path.write_text(found["data"]["districts.yaml"])
    lakewood = load_districts(str(path), "production").of("lakewood")
    assert lakewood.time_zone == "America/Los_Angeles"
    assert len(list(lakewood.without_school())) == 3
    assert found["data"]["keys.json"] == EVERYTHING["districtFiles"]["keys.json"]
