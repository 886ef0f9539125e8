"""One node, beside its API server on a machine of their own (`inside.py`): scheduler, controllers,
containerd, kubelet, Services, network policies, names."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.support.fetching import Missing
from tests.support.kube.api import ClusterApi
from tests.support.kube.archives import image_of
from tests.support.kube.control import NODE, SERVICES, control_plane, running
from tests.support.kube.inside import ADDRESS
from tests.support.kube.programs import program
from tests.support.waiting import eventually

PODS = "198.18.0.0/24"
NAMES = "198.19.0.10"
NAMES_PORT = 1053
CNI = Path("/usr/lib/cni")
SOCKET = "/run/containerd/containerd.sock"
PAUSE, NAMES_IMAGE = "localhost/pause:1", "localhost/names:1"
READY_SECONDS = 300
PACKAGES = "containerd runc containernetworking-plugins iptables ipset conntrack catatonit"


def need_packages() -> None:
    """Raises Missing for what Debian's packages bring and is not there."""
    wanted = "containerd ctr runc iptables ipset conntrack catatonit unshare ip".split()
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/libexec/podman"
    missing = [name for name in wanted if shutil.which(name, path=path) is None]
    if not (CNI / "bridge").exists():
        missing.append("containernetworking-plugins")
    if missing:
        raise Missing(f"{missing[0]} is missing; on Debian: apt install {PACKAGES}")


@contextmanager
def cluster(folder: Path, images: Mapping[str, Path]) -> Iterator[ClusterApi]:
    """A cluster of one node that is ready and knows `images` (name -> OCI archive). Gone
    afterwards. Raises Missing."""
    with ExitStack() as started:
        api = started.enter_context(control_plane(folder, ADDRESS))
        _grant(api)
        own = {
            PAUSE: image_of(folder / "pause.tar", _found("catatonit"), ["-P"]),
            NAMES_IMAGE: image_of(folder / "names.tar", program("names"), []),
        }
        config = folder / "containerd.toml"
        config.write_text(_CONTAINERD.format(folder=folder, pause=PAUSE))
        (folder / "cni").mkdir()
        (folder / "cni/10-pods.conflist").write_text(json.dumps(_network(folder)))
        arguments: list[str | Path] = ["--config", config, "--log-level", "warn"]
        started.enter_context(running(folder, "containerd", _found("containerd"), {}, arguments))
        asyncio.run(eventually(lambda: _ctr("version"), READY_SECONDS))
        for name, archive in {**own, **images}.items():
            assert _ctr("images", "import", "--base-name", name.rpartition(":")[0], str(archive))
            assert _named(name), _ctr_said("images", "list", "-q")
        for name, switches in _programs(folder, api).items():
            started.enter_context(running(folder, name, program(name), switches))
        asyncio.run(eventually(lambda: _ready(api), READY_SECONDS))
        arguments = [NODE, SERVICES, api.configs["admin"]]
        started.enter_context(running(folder, "policies", program("policies"), {}, arguments))
        api.kubectl("apply", "-f", "-", objects=list(yaml.safe_load_all(_NAMES)))
        api.kubectl("-n", "kube-system", "rollout", "status", "deploy/names", "--timeout=180s")
        yield api


def _programs(folder: Path, api: ClusterApi) -> dict[str, dict[str, object]]:
    settings = folder / "kubelet.yaml"
    settings.write_text(yaml.safe_dump(_kubelet(folder)))
    (folder / "kubelet-data").mkdir()
    return {
        "kube-controller-manager": {
            "kubeconfig": api.configs["controllers"],
            "root-ca-file": folder / "authority.crt",
            "service-account-private-key-file": folder / "server.key",
            "use-service-account-credentials": "true",
            "leader-elect": "false",
            "node-monitor-grace-period": "300s",
        },
        "kube-scheduler": {"kubeconfig": api.configs["scheduler"], "leader-elect": "false"},
        "kubelet": {
            "kubeconfig": api.configs["node"],
            "config": settings,
            "hostname-override": NODE,
            "node-ip": ADDRESS,
            "root-dir": folder / "kubelet-data",
        },
        "kube-proxy": {
            "kubeconfig": api.configs["proxy"],
            "hostname-override": NODE,
            "cluster-cidr": PODS,
            "proxy-mode": "iptables",
            "conntrack-max-per-core": 0,
            "conntrack-tcp-timeout-established": 0,
            "conntrack-tcp-timeout-close-wait": 0,
        },
    }


def _grant(api: ClusterApi) -> None:
    for user, role in (
        ("system:kube-proxy", "system:node-proxier"),
        ("apiserver", "system:kubelet-api-admin"),
    ):
        name = role.replace(":", "-")
        api.kubectl("create", "clusterrolebinding", name, f"--clusterrole={role}", f"--user={user}")


def _found(name: str) -> Path:
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/libexec/podman"
    found = shutil.which(name, path=path)
    assert found, name
    return Path(found)


def _ctr(*arguments: str) -> bool:
    command = ["ctr", "--address", SOCKET, "--namespace", "k8s.io", *arguments]
    return subprocess.run(command, capture_output=True).returncode == 0


def _ctr_said(*arguments: str) -> list[str]:
    command = ["ctr", "--address", SOCKET, "--namespace", "k8s.io", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def _named(name: str) -> bool:
    """Whether containerd has an image by this name, after giving it to the one that it has."""
    known = _ctr_said("images", "list", "-q")
    base = name.rpartition(":")[0]
    alike = [each for each in known if each.startswith((f"{base}:", f"{base}@"))]
    return name in known or bool(alike and _ctr("images", "tag", alike[0], name))


def tag(name: str, other: str) -> None:
    """Another name for an image that the node has."""
    assert _ctr("images", "tag", name, other)


def _ready(api: ClusterApi) -> bool:
    found = api.get("nodes")
    conditions = [each for node in found for each in node["status"].get("conditions", [])]
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _network(folder: Path) -> dict[str, Any]:
    addresses = {
        "type": "host-local",
        "dataDir": str(folder / "addresses"),
        "ranges": [[{"subnet": PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "pods0", "isGateway": True, "hairpinMode": True}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [{**bridge, "ipam": addresses}]}


def _kubelet(folder: Path) -> dict[str, Any]:
    return {
        "kind": "KubeletConfiguration",
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(folder / "authority.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(folder / "server.crt"),
        "tlsPrivateKeyFile": str(folder / "server.key"),
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "featureGates": {"KubeletInUserNamespace": True},  # no limits are raised
        "clusterDNS": [NAMES],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "resolvConf": "",
        "podLogsDir": str(folder / "pods"),
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
            "nodefs.inodesFree": "1%",
        },
        "enforceNodeAllocatable": ["pods"],
        "maxPods": 100,
    }


_CONTAINERD = """\
version = 2
root = "{folder}/containerd-data"
state = "/run/containerd/state"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
"""
_NAMES = f"""\
apiVersion: v1
kind: ServiceAccount
metadata: {{name: names, namespace: kube-system}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: names}}
rules:
  - {{apiGroups: [""], resources: [services, namespaces], verbs: [list, watch]}}
  - {{apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: names}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: names}}
subjects: [{{kind: ServiceAccount, name: names, namespace: kube-system}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: names, namespace: kube-system}}
data:
  Corefile: |
    .:{NAMES_PORT} {{
      errors
      health
      ready
      kubernetes cluster.local in-addr.arpa
    }}
---
apiVersion: v1
kind: Service
metadata: {{name: names, namespace: kube-system}}
spec:
  clusterIP: {NAMES}
  selector: {{k8s-app: kube-dns}}
  ports:
    - {{name: udp, port: 53, targetPort: {NAMES_PORT}, protocol: UDP}}
    - {{name: tcp, port: 53, targetPort: {NAMES_PORT}, protocol: TCP}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: names, namespace: kube-system}}
spec:
  selector: {{matchLabels: {{k8s-app: kube-dns}}}}
  template:
    metadata: {{labels: {{k8s-app: kube-dns}}}}
    spec:
      serviceAccountName: names
      dnsPolicy: Default
      containers:
        - name: names
          image: {NAMES_IMAGE}
          imagePullPolicy: Never
          args: [-conf, /etc/names/Corefile]
          readinessProbe: {{httpGet: {{path: /ready, port: 8181}}}}
          volumeMounts: [{{name: config, mountPath: /etc/names}}]
      volumes: [{{name: config, configMap: {{name: names}}}}]
"""
