"""The demo district on a cluster: its release of the chart, and its people at work."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from services.assembly.registry import SERVICES
from services.ctl.commands.up import PEOPLE
from services.ctl.local import keys
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.stack import PortNumbers, Stack
from tests.support.helm import CHART, ROOT, Object
from tests.support.kube.api import ClusterApi, Output
from tests.support.kube.engines import KAFKA, Proven, users
from tests.support.kube.inside import ADDRESS
from tests.support.kube.node import NAMES_PORT
from tests.support.kube.report import Report, assert_nobody_noticed

NAMESPACE, RELEASE = "coaching", "tandem"
TRIAL = CHART / "examples/trial.yaml"
KEYS = Path("/etc/tandem/districts/keys.json")
TEACHERS = 25
SECONDS = 600
AROUND_SECONDS = 5
KINDS = (
    "deployment,replicaset,pod,job,service,endpointslice,configmap,secret,serviceaccount,"
    "poddisruptionbudget,networkpolicy"
)
POLICY = "pod-security.kubernetes.io/enforce"


@dataclass
class District:
    api: ClusterApi
    folder: Path
    image: str
    engines: Proven
    ports: Mapping[str, PortNumbers] = field(
        default_factory=lambda: {
            each: PortNumbers(30100 + i, 30200 + i, 30300 + i) for i, each in enumerate(SERVICES)
        }
    )

    @property
    def values(self) -> dict[str, Any]:
        name, _, tag = self.image.partition("/")[2].rpartition(":")
        issuers = {each: keys.issuers(KEYS, each) for each in DEMO}
        small: dict[str, Any] = {"replicas": 1, "resources": {"requests": {"cpu": "20m"}}}
        two = {**small, "replicas": 2}
        return {
            "image": {"registry": "localhost", "repository": name, "tag": tag}
            | {"pullPolicy": "Never"},
            "kafka": {
                "bootstrapServers": f"{ADDRESS}:{KAFKA}",
                "securityProtocol": "SASL_SSL",
                "sasl": {"mechanism": "SCRAM-SHA-512"},
                "ca": {"secret": "kafka-authorities"},
            },
            "mongodb": {
                "secret": "tandem-{service}-mongodb",
                "ca": {"secret": "mongodb-authorities"},
            },
            "districts": {each: {**DEMO[each], "issuers": issuers[each]} for each in DEMO},
            "districtFiles": {"keys.json": (self.folder / "keys/jwks.json").read_text()},
            "settings": {"BACKDATING": True},
            "workloads": {"all": small, "background": two, "api": two},
            "services": {"goals": {"all": two}, "insights": {"split": "api"}},
            "networkPolicy": {
                # who comes by a node's port comes from the node
                "callers": [{"ipBlock": {"cidr": f"{ADDRESS}/32"}}],
                "dns": {"ports": [NAMES_PORT]},
                "kafka": {"to": [{"ipBlock": {"cidr": f"{ADDRESS}/32"}}]},
                "mongodb": {"to": [{"ipBlock": {"cidr": f"{ADDRESS}/32"}}]},
                "issuers": {"ports": []},
            },
        }

    def prepare(self) -> None:
        """What a district has before it installs: a namespace, Secrets, a way in."""
        trial = yaml.safe_load(TRIAL.read_text())
        del trial["districts"]  # of an identity system that is not there
        (self.folder / "trial.yaml").write_text(yaml.safe_dump(trial))
        write_districts(self.folder, DEMO)
        Stack("", "", dict(self.ports), PEOPLE).save(self.folder)
        labels = {POLICY: "restricted"}
        known = self.engines.passwords
        secrets = [secret(f"{each}-kafka", password=known[each]) for each in users()]
        secrets += [
            secret(f"tandem-{each}-mongodb", mongodb_uri=self.engines.uri(each))
            for each in SERVICES
        ]
        space = {"name": NAMESPACE, "labels": labels}
        self.api.kubectl("create", "-f", "-", objects=[
            {"apiVersion": "v1", "kind": "Namespace", "metadata": space}
        ])  # fmt: skip
        doors = [self._door(each) for each in SERVICES]
        self.kubectl("create", "-f", "-", objects=[*secrets, *doors])
        self.trust(self.engines.authorities)

    def trust(self, authorities: bytes) -> None:
        """Pods are to trust these, as PEM, for both engines; they learn of it by and by."""
        names = ("kafka-authorities", "mongodb-authorities")
        told = [secret(each, **{"ca.crt": authorities.decode()}) for each in names]
        self.kubectl("apply", "-f", "-", objects=told)

    def _door(self, service: str) -> Object:
        own = self.ports[service]
        pairs = (("http", 8080, own.rest), ("grpc", 9090, own.grpc))
        labels = {
            "app.kubernetes.io/instance": RELEASE,
            "app.kubernetes.io/component": service,
            "tandem.serves": "true",
        }
        told = [
            {"name": name, "port": port, "targetPort": name, "nodePort": node}
            for name, port, node in pairs
        ]
        spec = {"type": "NodePort", "selector": labels, "ports": told}
        return _object("v1", "Service", f"door-{service}", spec=spec)

    def kubectl(self, *arguments: str, objects: Any = ()) -> Output:
        return self.api.kubectl("-n", NAMESPACE, *arguments, objects=objects)

    def get(self, *what: str) -> list[Any]:
        return self.api.get(*what, "-n", NAMESPACE)

    def helm(self, verb: str, *more: str, chart: Path = CHART, **values: Any) -> None:
        """The example `trial`, with other engines, and `values`. Raises Refused."""
        told: list[str | Path] = [
            "-f",
            self.folder / "trial.yaml",
            "--wait",
            "--timeout",
            "9m",
            *more,
        ]
        given = {**self.values, **values}
        self.api.helm(verb, RELEASE, chart, "-n", NAMESPACE, *told, values=given)

    def pods(self, service: str, part: str = "all") -> list[str]:
        """Names of the pods of a service that run."""
        chosen = f"app.kubernetes.io/component={service},tandem.part={part}"
        running = "--field-selector=status.phase=Running"
        found = self.get("pods", "-l", chosen, running)
        return [each["metadata"]["name"] for each in found
                if "deletionTimestamp" not in each["metadata"]]  # fmt: skip

    def parts(self) -> list[Any]:
        """The pods of all services, but those that are on their way out."""
        found = self.get("pods", "-l", "app.kubernetes.io/name=tandem,tandem.part")
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def restarts(self) -> dict[str, int]:
        """How often each of them was started again, by name."""
        return {
            each["metadata"]["name"]: each["status"]["containerStatuses"][0]["restartCount"]
            for each in self.parts()
        }

    def python(self, pod: str, program: str) -> str:
        """What a program says that runs in a pod."""
        return self.kubectl("exec", pod, "--", "python3.11", "-c", program).out.strip()

    def tandem(self, *arguments: str) -> str:
        """What the command says."""
        return subprocess.run(
            self._command(*arguments),
            env=self._environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
        ).stdout

    def seed(self) -> None:
        """Its people and their past. What a busy machine gives up is asked for again, under the
        same keys."""
        for last in (False, False, True):
            try:
                self.tandem("demo", "seed", "--teachers", str(TEACHERS))
                return
            except subprocess.CalledProcessError:
                if last:
                    raise

    @contextmanager
    def at_work(self, rate: float = 10) -> Iterator[dict[str, Any]]:
        """Its people send `rate` requests a second meanwhile, and some seconds before and
        after, none of them twice; then what became of these is in the dict."""
        report: dict[str, Any] = {}
        command = self._command("demo", "simulate", "--json", "--rate", str(rate))
        with subprocess.Popen(
            command, env=self._environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as running:
            try:
                asyncio.run(asyncio.sleep(AROUND_SECONDS))
                yield report
                asyncio.run(asyncio.sleep(AROUND_SECONDS))
                running.send_signal(signal.SIGTERM)
                said, _ = running.communicate(timeout=60)
                report |= json.loads(said)
            finally:
                running.kill()

    @contextmanager
    def unnoticed(self, report: Report, what: str) -> Iterator[None]:
        """A row of the report for what is done to it while its people are `at_work`, none of
        whom may notice."""
        with report.row(what) as row:
            with self.at_work() as said:
                yield
            row.load(said)
        assert_nobody_noticed(said)

    def deployments(self) -> list[str]:
        return [each["metadata"]["name"] for each in self.get("deployments")]

    def rolled_out(self, name: str) -> None:
        self.kubectl("rollout", "status", f"deploy/{name}", "--timeout=240s")

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "TANDEM_LOCAL": str(self.folder), "PYTHONPATH": _PYTHONPATH}

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "services.ctl", *arguments]


_PYTHONPATH = os.pathsep.join(map(str, (ROOT, ROOT / "clients/python")))


def secret(name: str, **content: str) -> Object:
    return _object("v1", "Secret", name, stringData=content)


def _object(version: str, kind: str, name: str, **more: Any) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **more}
