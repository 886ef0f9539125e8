"""What a cluster's own policies ask, of whatever values: each function is one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from services.assembly.registry import SERVICES
from services.chassis.log.topics import PARTITIONS
from services.chassis.runner import DRAIN_SECONDS
from services.chassis.settings import ChassisSettings
from services.ctl.chart import registry
from services.roster.imports.oneroster.upload import MOST_BYTES
from services.roster.imports.runner import AT_ONCE
from tests.support.charts import ISSUER, LEAST, MATRIX, rendered
from tests.support.helm import Object, of_kind, pods, render, selects

KEEPING = ("CronJob/tandem-folder-", "CronJob/tandem-pull-")  # what has a volume of its own
PORTS = {
    name: ChassisSettings.model_fields[f"{setting}_port"].default
    for name, setting in (("http", "rest"), ("grpc", "grpc"), ("internal", "internal"))
}


@pytest.fixture(params=MATRIX)
def objects(request: pytest.FixtureRequest) -> tuple[Object, ...]:
    return rendered(request.param)


def containers(objects: Sequence[Object]) -> Iterator[tuple[str, Object]]:
    for name, pod in pods(objects):
        for each in pod["spec"]["containers"]:
            yield f"{name}/{each['name']}", each


def deployments(objects: Sequence[Object]) -> Iterator[tuple[str, Object, Object]]:
    """Name, Deployment, its only container."""
    for each in of_kind(objects, "Deployment"):
        (container,) = each["spec"]["template"]["spec"]["containers"]
        yield each["metadata"]["name"], each, container


def labels(deployment: Object) -> Mapping[str, str]:
    found: Mapping[str, str] = deployment["spec"]["template"]["metadata"]["labels"]
    return found


@cache
def declared() -> Mapping[str, Any]:
    found: Mapping[str, Any] = registry()["services"]
    return found


def serves(container: Object) -> bool:
    return "api" in roles(container)


def roles(container: Object) -> list[str]:
    found: str = next(each["value"] for each in container["env"] if each["name"] == "ROLES")
    return found.split(",")


def test_pod_security_is_restricted(objects: tuple[Object, ...]) -> None:
    for name, pod in pods(objects):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        kinds = {kind for volume in spec["volumes"] for kind in volume.keys() - {"name"}}
        claims = {"persistentVolumeClaim"} if name.startswith(KEEPING) else set()
        assert kinds <= {"emptyDir", "secret", "configMap", "projected"} | claims, name
    for name, each in containers(objects):
        security = each["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert security["runAsNonRoot"] is True, name
        assert security.get("runAsUser", 65532) == 65532, name


def test_the_root_is_read_only_and_what_is_written_is_bounded(objects: tuple[Object, ...]) -> None:
    for name, pod in pods(objects):
        for volume in pod["spec"]["volumes"]:
            if "emptyDir" in volume:
                assert "sizeLimit" in volume["emptyDir"], name
    for name, each in containers(objects):
        assert each["securityContext"]["readOnlyRootFilesystem"] is True, name
        for mount in each["volumeMounts"]:
            written = mount["mountPath"] == "/tmp" or mount["name"] == "folder"
            assert written or mount["readOnly"], name
            assert "subPath" not in mount, name  # such a file would never be replaced


def test_a_roster_fits_where_it_is_put() -> None:
    """Four files of a district arrive, and two are imported, see docs/operating.md."""
    files = {"api": 4, "background": AT_ONCE, "duties": AT_ONCE}
    for name in ("least", "one Deployment a service"):
        for owner, pod in pods(rendered(name)):
            if owner.startswith("Deployment/tandem-roster"):
                part = owner.removeprefix("Deployment/tandem-roster").removeprefix("-")
                most = files.get(part, 4 + AT_ONCE if part == "" else 0) * MOST_BYTES
                (tmp,) = [v["emptyDir"] for v in pod["spec"]["volumes"] if "emptyDir" in v]
                assert int(tmp["sizeLimit"].removesuffix("Mi")) * 1024 * 1024 >= most, owner


def test_nobody_gets_a_token_of_the_api_server(objects: tuple[Object, ...]) -> None:
    for name, pod in pods(objects):
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["enableServiceLinks"] is False, name
    for each in of_kind(objects, "ServiceAccount"):
        assert each["automountServiceAccountToken"] is False
    assert not of_kind(objects, "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")


def test_requests_and_limits_of_memory_are_set_and_cpu_is_not_throttled(
    objects: tuple[Object, ...],
) -> None:
    for name, each in containers(objects):
        assert {"cpu", "memory"} <= each["resources"]["requests"].keys(), name
        assert each["resources"]["limits"].keys() == {"memory"}, name


def test_images_have_a_version(objects: tuple[Object, ...]) -> None:
    for name, each in containers(objects):
        image = each["image"].rpartition("/")[2]
        assert "@sha256:" in image or (":" in image and not image.endswith(":latest")), name


def test_no_secret_is_in_an_object(objects: tuple[Object, ...]) -> None:
    assert not of_kind(objects, "Secret")
    for each in of_kind(objects, "ConfigMap"):
        told = each["data"].keys()
        assert not {"MONGODB_URI", "KAFKA_SASL_PASSWORD"} & told
    for name, container in containers(objects):
        for variable in container.get("env", []):
            if variable["name"] == "MONGODB_URI":
                assert "secretKeyRef" in variable["valueFrom"], name


def test_probes_ask_what_they_are_for(objects: tuple[Object, ...]) -> None:
    for name, _, container in deployments(objects):
        probes = {
            kind: container[f"{kind}Probe"]["httpGet"]
            for kind in ("startup", "readiness", "liveness")
        }
        assert probes["readiness"] == {"path": "/readyz", "port": "internal"}, name
        assert probes["liveness"] == {"path": "/livez", "port": "internal"}, name
        assert probes["startup"]["path"] == "/livez", name
        patience = container["livenessProbe"]
        assert patience["periodSeconds"] * patience["failureThreshold"] >= 60, name


def test_an_end_takes_no_longer_than_the_grace(objects: tuple[Object, ...]) -> None:
    """What waits before SIGTERM, leaving, draining, and the last spans."""
    leaving = ChassisSettings.model_fields["leave_seconds"].default
    for name, deployment, container in deployments(objects):
        spec = deployment["spec"]["template"]["spec"]
        before = 0
        if serves(container):
            before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
            assert before > 0, name
        assert before + leaving + DRAIN_SECONDS + 3 <= spec["terminationGracePeriodSeconds"], name


def test_a_roll_takes_nobody_away_first(objects: tuple[Object, ...]) -> None:
    for name, deployment, _ in deployments(objects):
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0, name


def test_pods_of_one_kind_are_spread_over_nodes_and_zones(objects: tuple[Object, ...]) -> None:
    """A second constraint would end the spread where nodes lack its key, as zones often are."""
    for name, deployment, _ in deployments(objects):
        spec = deployment["spec"]["template"]["spec"]
        (spread,) = spec["topologySpreadConstraints"]
        assert spread["topologyKey"] == "kubernetes.io/hostname", name
        away = spec["affinity"]["podAntiAffinity"]
        (zones,) = away["preferredDuringSchedulingIgnoredDuringExecution"]
        for each in (spread, zones["podAffinityTerm"]):
            assert selects(each["labelSelector"], labels(deployment)), name


def test_every_deployment_has_one_budget_and_each_pod_one_deployment(
    objects: tuple[Object, ...],
) -> None:
    found = of_kind(objects, "Deployment")
    budgets = of_kind(objects, "PodDisruptionBudget")
    for each in found:
        selecting = [b for b in budgets if selects(b["spec"]["selector"], labels(each))]
        assert len(selecting) == 1
        assert selecting[0]["spec"]["maxUnavailable"] == 1
        owners = [d for d in found if selects(d["spec"]["selector"], labels(each))]
        assert owners == [each]
    for _, pod in pods(objects):
        if pod["metadata"]["labels"].get("tandem.part") is None:
            assert not [
                d for d in found if selects(d["spec"]["selector"], pod["metadata"]["labels"])
            ]


def test_every_role_of_every_service_runs_once(objects: tuple[Object, ...]) -> None:
    told = declared()
    running: dict[str, list[str]] = {}
    for _, _, container in deployments(objects):
        running.setdefault(container["args"][0], []).extend(roles(container))
    assert running.keys() == SERVICES.keys()
    for service, found in running.items():
        parts = [f"projector.{part}" for part in told[service]["projectors"]]
        wanted = [
            part
            for role in told[service]["roles"]
            for part in (parts if role == "projector" and "projector" not in found else [role])
        ]
        assert sorted(found) == sorted(wanted)


def checksums(objects: Sequence[Object]) -> dict[str, str]:
    found = {}
    for name, deployment, container in deployments(objects):
        annotations = deployment["spec"]["template"]["metadata"]["annotations"]
        found[name] = annotations["tandem/checksum"]
        (source,) = container["envFrom"]
        maps = {each["metadata"]["name"] for each in of_kind(objects, "ConfigMap")}
        assert source["configMapRef"]["name"] in maps, name
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"districts": {"lakewood": {"issuers": [ISSUER]}}},
        {"districtFiles": {"keys.json": "{}"}},
        {"settings": {"LOG_LEVEL": "debug"}},
        {"kafka": {"bootstrapServers": "kafka-9.example.org:9093"}},
    ],
    ids=lambda values: str(*values),
)
def test_other_settings_and_districts_are_other_pods(changed: Object) -> None:
    before, after = checksums(rendered("least")), checksums(render({**LEAST, **changed}))
    assert before.keys() == after.keys()
    assert not [name for name in before if before[name] == after[name]]


def test_settings_of_one_service_are_other_pods_of_this_one() -> None:
    own = {"services": {"goals": {"settings": {"LOG_LEVEL": "debug"}}}}
    before, after = checksums(rendered("least")), checksums(render({**LEAST, **own}))
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["tandem-goals-api", "tandem-goals-background"]


def test_services_lead_to_the_pods_that_serve(objects: tuple[Object, ...]) -> None:
    for each in of_kind(objects, "Service"):
        service = each["metadata"]["labels"]["app.kubernetes.io/component"]
        selector = {"matchLabels": each["spec"]["selector"]}
        taken = [c for _, d, c in deployments(objects) if selects(selector, labels(d))]
        assert [c["args"] for c in taken] == [[service]]
        assert all(serves(c) for c in taken)
        told = {port["name"]: port["port"] for port in each["spec"]["ports"]}
        assert told == {name: PORTS[name] for name in ("http", "grpc")}  # never the internal one


def test_ports_are_those_of_the_services(objects: tuple[Object, ...]) -> None:
    for name, _, container in deployments(objects):
        told = {port["name"]: port["containerPort"] for port in container["ports"]}
        wanted = PORTS if serves(container) else {"internal": PORTS["internal"]}
        assert told == wanted, name
    for each in of_kind(objects, "ConfigMap"):
        if "REST_PORT" in each["data"]:
            told = {name: int(each["data"][f"{name}_PORT"]) for name in ("REST", "GRPC")}
            assert told == {"REST": PORTS["http"], "GRPC": PORTS["grpc"]}


def test_jobs_may_be_repeated_and_end(objects: tuple[Object, ...]) -> None:
    for each in of_kind(objects, "Job"):
        assert each["spec"]["activeDeadlineSeconds"] > 0
        assert each["spec"]["template"]["spec"]["restartPolicy"] == "Never"  # its log stays
        for container in each["spec"]["template"]["spec"]["containers"]:
            assert container["args"][:3] in (
                ["tandem", "topics", "ensure"],
                ["tandem", "indexes", "ensure"],
            )
        hook = each["metadata"].get("annotations", {})
        if "helm.sh/hook" in hook:
            assert "before-hook-creation" in hook["helm.sh/hook-delete-policy"]
            assert hook["helm.sh/hook-output-log-policy"] == "hook-failed"


def test_what_a_test_has_said_is_printed_before_its_pod_is_gone(
    objects: tuple[Object, ...],
) -> None:
    """`helm test --logs` cannot: it asks for the pod of one container, and afterwards."""
    hooks = [each["metadata"].get("annotations", {}) for each in of_kind(objects, "Pod")]
    printed = [each["helm.sh/hook-output-log-policy"] for each in hooks]
    assert printed == ["hook-succeeded,hook-failed"] * 2


def test_projectors_scale_on_their_own_groups_up_to_the_partitions(
    objects: tuple[Object, ...],
) -> None:
    consumers = {
        told["consumers"] for each in declared().values() for told in each["projectors"].values()
    }
    scaled = of_kind(objects, "ScaledObject")
    for each in scaled:
        assert each["spec"]["maxReplicaCount"] <= PARTITIONS
        assert each["spec"]["minReplicaCount"] >= 1
    if scaled:
        groups = [t["metadata"]["consumerGroup"] for s in scaled for t in s["spec"]["triggers"]]
        assert sorted(groups) == sorted(consumers)


def test_who_is_scaled_by_a_scaler_says_no_number_himself(objects: tuple[Object, ...]) -> None:
    scalers = of_kind(objects, "ScaledObject", "HorizontalPodAutoscaler")
    owned = [each["spec"]["scaleTargetRef"]["name"] for each in scalers]
    assert len(set(owned)) == len(owned)
    for name, deployment, _ in deployments(objects):
        assert ("replicas" not in deployment["spec"]) == (name in owned), name


def routed(objects: tuple[Object, ...]) -> Iterator[tuple[str, str, Any]]:
    """Kind, name of the Service and port that something leads to."""
    for each in of_kind(objects, "HTTPRoute", "GRPCRoute"):
        for rule in each["spec"]["rules"]:
            for to in rule["backendRefs"]:
                yield each["kind"], to["name"], to["port"]
    for each in of_kind(objects, "Ingress"):
        for rule in each["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                to = path["backend"]["service"]
                yield each["kind"], to["name"], to["port"]["number"]


def test_routes_lead_to_services_and_never_to_the_internal_port(
    objects: tuple[Object, ...],
) -> None:
    names = {each["metadata"]["name"] for each in of_kind(objects, "Service")}
    found = list(routed(objects))
    for kind, name, port in found:
        assert name in names, kind
        assert port in (PORTS["http"], PORTS["grpc"]), kind
    if found:
        assert {name for _, name, _ in found} == names
    for each in of_kind(objects, "HTTPRoute"):
        for rule in each["spec"]["rules"]:
            assert rule["timeouts"]["request"] == "0s"  # live streams


def test_a_name_is_of_one_kind_of_routes(objects: tuple[Object, ...]) -> None:
    """A Gateway would take one of the two and leave the other."""
    names = {
        kind: {name for each in of_kind(objects, kind) for name in each["spec"]["hostnames"]}
        for kind in ("HTTPRoute", "GRPCRoute")
    }
    assert not names["HTTPRoute"] & names["GRPCRoute"]
    covered = {
        name for each in of_kind(objects, "Certificate") for name in each["spec"]["dnsNames"]
    }
    assert not covered or covered >= names["HTTPRoute"] | names["GRPCRoute"]
