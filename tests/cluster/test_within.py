"""What pods are and whom they reach, as the kernel has it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.test_commands_of_pages import typed
from tests.support.helm import tools
from tests.support.kube.control import ITSELF
from tests.support.kube.district import District
from tests.support.kube.engines import KAFKA, MONGODB
from tests.support.kube.inside import ADDRESS
from tests.support.kube.node import confined
from tests.support.kube.report import Report

REACH = """
import json, socket
found = {{}}
for host, port in {targets}:
    try:
        socket.create_connection((host, port), timeout=4).close()
        found[f"{{host}}:{{port}}"] = True
    except OSError:
        found[f"{{host}}:{{port}}"] = False
print(json.dumps(found))
"""
STATUS = """
import json, os
told = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
print(json.dumps([os.getuid(), int(told["CapEff"], 16), told["NoNewPrivs"], told["Seccomp"]]))
"""
REST, GRPC, INTERNAL = 8080, 9090, 8081


def reached(district: District, pod: str, *targets: tuple[str, int]) -> dict[str, bool]:
    found: dict[str, bool] = json.loads(district.python(pod, REACH.format(targets=list(targets))))
    return found


@pytest.fixture
def stranger(district: District) -> Iterator[str]:
    """A pod of nobody's in the namespace, of the same image."""
    pod = confined("stranger", district.image, "import signal; signal.pause()")
    district.kubectl("create", "-f", "-", objects=[pod])
    district.kubectl("wait", "--for=condition=ready", "pod/stranger", "--timeout=120s")
    yield "stranger"
    district.kubectl("delete", "pod", "stranger", "--now")


def test_a_pod_may_do_nothing(district: District) -> None:
    (pod, *_) = district.pods("goals")
    assert json.loads(district.python(pod, STATUS)) == [65532, 0, "1", "2"]


def test_a_stranger_reaches_no_port(district: District, stranger: str, report: Report) -> None:
    (pod,) = [each for each in district.get("pods") if each["metadata"]["name"] in
              district.pods("goals")[:1]]  # fmt: skip
    address = pod["status"]["podIP"]
    targets = [("tandem-goals", REST), ("tandem-goals", GRPC)]
    targets += [(address, port) for port in (REST, GRPC, INTERNAL)]
    with report.row("a stranger's pod: REST, gRPC and metrics are closed"):
        assert not any(reached(district, stranger, *targets).values())
    district.kubectl("label", "pod", stranger, "app.kubernetes.io/instance=tandem",
                     "app.kubernetes.io/name=tandem", "tandem.calls=true")  # fmt: skip
    with report.row("with the labels of the release's own: REST and gRPC open, metrics closed"):
        found = eventually_reached(district, stranger, *targets)
        assert [port for port, is_open in found.items() if not is_open] == [f"{address}:{INTERNAL}"]


def eventually_reached(district: District, pod: str, *targets: tuple[str, int]) -> dict[str, bool]:
    """The last answer, once anything is open, or of ten."""
    found: dict[str, bool] = {}
    for _ in range(10):
        found = reached(district, pod, *targets)
        if any(found.values()):
            break
    return found


def test_a_pod_reaches_its_engines_and_nothing_else(district: District, report: Report) -> None:
    (pod, *_) = district.pods("goals")
    engines = [(ADDRESS, KAFKA), (ADDRESS, MONGODB)]
    others = [(ADDRESS, 10250), (ITSELF, 443), ("tandem-surveys", REST)]
    with report.row("a pod of goals reaches Kafka and MongoDB; no API server, kubelet, service"):
        found = reached(district, pod, *engines, *others)
        open_ = {target for target, is_open in found.items() if is_open}
        assert open_ == {f"{host}:{port}" for host, port in engines}


def test_those_who_help_are_given_a_bundle_and_the_logs_of_all_pods(
    district: District, folder: Path
) -> None:
    """By the commands of docs/operating.md."""
    (bundle, logs, objects, history) = [
        each for each in typed("operating.md") if each.endswith((".zip", "s.txt", "history.txt"))
    ]
    place = {"KUBECONFIG": str(district.api.configs["admin"]), "PATH": f"{tools()}:/usr/bin:/bin"}
    for command in (bundle, logs, objects, history):
        command = re.sub("tandem-goals-(api|background)", "tandem-goals", command)  # split: none
        subprocess.run(command, shell=True, cwd=folder, check=True, env={**os.environ, **place})
    with zipfile.ZipFile(folder / "goals.zip") as found:
        told = json.loads(found.read("findings.json"))
    assert told["counts"].get("wrong", 0) == 0, told
    said = (folder / "logs.txt").read_text()
    for pod in district.parts():
        assert f"[pod/{pod['metadata']['name']}/" in said
