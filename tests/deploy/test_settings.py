"""The services take what the chart tells them, and find each file that it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.assembly.registry import SERVICES
from services.chassis.settings import ChassisSettings, load
from services.ctl.engines_target import engine_settings
from services.ctl.local.ensure import bootstrap_of
from tests.support.certificates import Authority
from tests.support.charts import LEAST, MATRIX, rendered
from tests.support.helm import Object, of_kind, pods, render

MOUNTS = "/etc/tandem"
ADDRESS = "mongodb://user:hush@mongodb.example.org/?replicaSet=rs0&tls=true"


def mounted(objects: tuple[Object, ...], pod: Object, container: Object) -> Iterator[str]:
    """The path of every file that a container finds in its volumes."""
    volumes = {each["name"]: each for each in pod["spec"]["volumes"]}
    for mount in container["volumeMounts"]:
        volume = volumes[mount["name"]]
        for source in volume.get("projected", {}).get("sources", [volume]):
            found = source.get("secret") or source.get("configMap")
            if found is None:
                continue
            if items := found.get("items"):
                yield from (f"{mount['mountPath']}/{item['path']}" for item in items)
                continue
            for each in of_kind(objects, "ConfigMap"):
                if each["metadata"]["name"] == found["name"]:
                    yield from (f"{mount['mountPath']}/{name}" for name in each["data"])


@pytest.fixture
def contents(tmp_path: Path) -> dict[str, bytes]:
    authority = Authority("authority")
    certificate, key = authority.issue("client")
    return {
        "mongodb_uri": ADDRESS.encode(),
        "password": b"hush",
        "ca.crt": authority.pem,
        "client.crt": certificate,
        "client.key": key,
        "districts.yaml": b"districts: {}",
    }


def tell(
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
    objects: tuple[Object, ...],
    pod: Object,
    container: Object,
    contents: dict[str, bytes],
) -> None:
    """The environment and the files of a container, with MOUNTS under `root`."""
    for path in mounted(objects, pod, container):
        file = root / path.removeprefix(f"{MOUNTS}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents.get(file.name, b"{}"))
    told = {each["name"]: each.get("value", ADDRESS) for each in container.get("env", [])}
    for source in container.get("envFrom", []):
        (found,) = [
            each["data"]
            for each in of_kind(objects, "ConfigMap")
            if each["metadata"]["name"] == source["configMapRef"]["name"]
        ]
        told |= found
    for name, value in told.items():
        monkeypatch.setenv(name, value.replace(MOUNTS, str(root)))


@pytest.mark.parametrize("name", MATRIX)
def test_every_process_takes_its_settings(
    name: str, tmp_path: Path, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = rendered(name)
    seen = set()
    for number, (owner, pod) in enumerate(pods(objects)):
        (container, *others) = pod["spec"]["containers"]
        if others or owner.partition("/")[0] != "Deployment":
            continue
        with monkeypatch.context() as patch:
            tell(patch, tmp_path / str(number), objects, pod, container, contents)
            settings = load(bootstrap_of(container["args"][0]).Settings)
        assert isinstance(settings, ChassisSettings)
        assert settings.mongodb_uri.get_secret_value() == ADDRESS
        ours = "tandem-districts" in str(pod["spec"]["volumes"])
        assert Path(settings.districts_file).exists() == ours
        assert settings.environment == ("test" if name == "the example trial" else "production")
        seen.add(container["args"][0])
    assert seen == SERVICES.keys()


@pytest.mark.parametrize("name", MATRIX)
def test_every_job_takes_its_settings(
    name: str, tmp_path: Path, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in production, though one that sees to one engine is told of that alone."""
    objects = rendered(name)
    for number, (owner, pod) in enumerate(pods(objects)):
        if not owner.startswith("Job/"):
            continue
        for container in pod["spec"]["containers"]:
            with monkeypatch.context() as patch:
                root = tmp_path / f"{number}-{container['name']}"
                tell(patch, root, objects, pod, container, contents)
                told = engine_settings()
            if "topics" in owner:
                assert told.kafka_bootstrap_servers.startswith(("kafka", "trial", "city")), owner
            else:
                assert told.mongodb_uri.get_secret_value() == ADDRESS, owner


@pytest.mark.parametrize("name", MATRIX)
def test_the_doctor_looks_with_the_settings_of_each_service(
    name: str, tmp_path: Path, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = rendered(name)
    (found,) = [pod for owner, pod in pods(objects) if owner.endswith("-doctor")]
    seen = {}
    for container in found["spec"]["containers"]:
        with monkeypatch.context() as patch:
            tell(patch, tmp_path / container["name"], objects, found, container, contents)
            _, command, _, service, _, at = container["args"]
            told = load(bootstrap_of(service).Settings)
        assert command == "doctor"
        assert told.mongodb_uri.get_secret_value() == ADDRESS
        seen[service] = at
        mounts = {each["name"] for each in container["volumeMounts"]}
        assert {each.rpartition("-")[2] for each in mounts} <= {
            "tmp",
            "districts",
            "issuers",
            service,
        }
    services = {each["metadata"]["name"]: each for each in of_kind(objects, "Service")}
    assert seen.keys() == SERVICES.keys()
    for service, at in seen.items():
        host, _, port = at.removeprefix(f"{service}=http://").partition(":")
        assert services[host]["metadata"]["labels"]["app.kubernetes.io/component"] == service
        assert services[host]["spec"]["ports"][0]["port"] == int(port)


def test_values_of_settings_are_written_as_the_services_read_them(
    tmp_path: Path, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = rendered("everything")
    found = dict(pods(objects))["Deployment/tandem-insights-api"]
    (container,) = found["spec"]["containers"]
    tell(monkeypatch, tmp_path, objects, found, container, contents)
    settings = load(bootstrap_of("insights").Settings)
    assert settings.cors_origins == ("https://coach.example.org",)
    assert settings.max_body_bytes == 1_000_000
    assert settings.grpc_reflection is True
    assert settings.log_level == "warning"
    assert settings.mongodb_database == "views"
    assert settings.trace_ratio == 0.01
    assert settings.otlp_endpoint == "http://otel.example.org:4317"
    assert settings.roles == ("api",)
    assert settings.kafka_security().password() == "hush"


def proxies(**more: object) -> set[str | None]:
    """How many each process is told of; None: as the setting has it."""
    told = of_kind(render({**LEAST, **more}), "ConfigMap")
    return {each["data"].get("TRUSTED_PROXIES") for each in told if "REST_PORT" in each["data"]}


def test_behind_routes_of_the_chart_there_is_one_proxy_unless_it_is_said() -> None:
    """That tells apart whom a limit of addresses is about; one too many, and everybody chooses
    her own."""
    gateway = {"kind": "gateway", "hostname": "t.example.org", "gateway": {"name": "district"}}
    assert proxies() == {None}
    assert proxies(routes=gateway) == {"1"}
    assert proxies(routes=gateway, settings={"TRUSTED_PROXIES": 2}) == {"2"}
    assert proxies(settings={"TRUSTED_PROXIES": 1}) == {"1"}
