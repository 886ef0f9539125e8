"""Nodes, beside their API server on a machine of their own (`inside.py`): containerd, kubelet,
Services, network policies; on the first scheduler, controllers and names."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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

PODS = "198.18.0.0/17"  # of all nodes
NAMES = "198.19.0.10"
NAMES_PORT = 1053
CNI = Path("/usr/lib/cni")
PAUSE, NAMES_IMAGE = "localhost/pause:1", "localhost/names:1"
READY_SECONDS = 300
MEMORY = 5 << 30
PACKAGES = "containerd runc containernetworking-plugins iptables ipset conntrack catatonit"


@dataclass(frozen=True)
class Node:
    """`pods`: its part of PODS; `user`: whose configuration its kubelet has; `place`: where its
    containerd is; `network`: the network namespace that it lives in, empty for the machine's own;
    `memory`: bytes of all its pods together."""

    name: str
    address: str
    pods: str
    user: str
    place: Path
    network: str = ""
    memory: int = MEMORY

    @property
    def socket(self) -> Path:
        return self.place / "containerd.sock"

    @contextmanager
    def running(
        self, folder: Path, name: str, switches: Mapping[str, object], *arguments: str | Path
    ) -> Iterator[None]:
        """One of its programs, with its log in `folder`; killed afterwards."""
        path = _found(name) if name == "containerd" else program(name)
        within: list[str | Path] = []
        if self.network:
            within = [_found("nsenter"), f"--net=/run/netns/{self.network}"]
        with running(folder, name, path, switches, arguments, within):
            yield

    @property
    def group(self) -> str:
        """The control group of its pods, below that of the machine."""
        return f"/{self.network}"

    def ctr(self, *arguments: str) -> bool:
        return subprocess.run(self._ctr(*arguments), capture_output=True).returncode == 0

    def images(self) -> list[str]:
        listed = self._ctr("images", "list", "-q")
        return subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()

    def named(self, name: str) -> bool:
        """Whether it has an image by this name, after giving it to the one that it has."""
        known = self.images()
        base = name.rpartition(":")[0]
        alike = [each for each in known if each.startswith((f"{base}:", f"{base}@"))]
        return name in known or bool(alike and self.ctr("images", "tag", alike[0], name))

    def _ctr(self, *arguments: str) -> list[str | Path]:
        return ["ctr", "--address", self.socket, "--namespace", "k8s.io", *arguments]


FIRST = Node(NODE, ADDRESS, "198.18.0.0/24", "node", Path("/run/containerd"))


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
        for name, switches in _control(folder, api).items():
            started.enter_context(running(folder, name, program(name), switches))
        started.enter_context(node(folder, FIRST, api, images))
        api.kubectl("apply", "-f", "-", objects=list(yaml.safe_load_all(_NAMES)))
        api.kubectl("-n", "kube-system", "rollout", "status", "deploy/names", "--timeout=180s")
        yield api


@contextmanager
def node(folder: Path, own: Node, api: ClusterApi, images: Mapping[str, Path]) -> Iterator[None]:
    """One that is ready, and knows `images`. Its programs are gone afterwards."""
    with ExitStack() as started:
        every = {
            PAUSE: image_of(folder / "pause.tar", _found("catatonit"), ["-P"]),
            NAMES_IMAGE: image_of(folder / "names.tar", program("names"), []),
            **images,
        }
        config = folder / "containerd.toml"
        config.write_text(_CONTAINERD.format(folder=folder, place=own.place, pause=PAUSE))
        (folder / "cni").mkdir()
        (folder / "cni/10-pods.conflist").write_text(json.dumps(_network(folder, own)))
        switches = {"config": config, "log-level": "warn"}
        started.enter_context(own.running(folder, "containerd", switches))
        asyncio.run(eventually(lambda: own.ctr("version"), READY_SECONDS))
        for name, archive in every.items():
            base = name.rpartition(":")[0]
            assert own.ctr("images", "import", "--base-name", base, str(archive)), name
            assert own.named(name), own.images()
        for name, told in _programs(folder, own, api).items():
            started.enter_context(own.running(folder, name, told))
        asyncio.run(eventually(lambda: _ready(api, own), READY_SECONDS))
        started.enter_context(
            own.running(folder, "policies", {}, own.name, SERVICES, api.configs["admin"])
        )
        yield


def _control(folder: Path, api: ClusterApi) -> dict[str, dict[str, object]]:
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
    }


def _programs(folder: Path, own: Node, api: ClusterApi) -> dict[str, dict[str, object]]:
    settings = folder / "kubelet.yaml"
    settings.write_text(yaml.safe_dump(_kubelet(folder, own, api)))
    (folder / "kubelet-data").mkdir()
    return {
        "kubelet": {
            "kubeconfig": api.configs[own.user],
            "config": settings,
            "hostname-override": own.name,
            "node-ip": own.address,
            "root-dir": folder / "kubelet-data",
        },
        "kube-proxy": {
            "kubeconfig": api.configs["proxy"],
            "hostname-override": own.name,
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


def confined(name: str, image: str, program: str) -> Any:
    """A pod of nobody's that runs a program of Python's, as the strictest policy wants it."""
    security = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {
        "name": name,
        "image": image,
        "imagePullPolicy": "Never",
        "command": ["python3.11", "-c", program],
        "securityContext": security,
    }
    spec = {
        "containers": [container],
        "automountServiceAccountToken": False,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def _ready(api: ClusterApi, own: Node) -> bool:
    found = [each for each in api.get("nodes") if each["metadata"]["name"] == own.name]
    conditions = [each for node in found for each in node["status"].get("conditions", [])]
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _network(folder: Path, own: Node) -> dict[str, Any]:
    addresses = {
        "type": "host-local",
        "dataDir": str(folder / "addresses"),
        "ranges": [[{"subnet": own.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "pods0", "isGateway": True, "hairpinMode": True}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [{**bridge, "ipam": addresses}]}


def _whole() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _kubelet(folder: Path, own: Node, api: ClusterApi) -> dict[str, Any]:
    server = api.configs["admin"].parent  # its certificate is the kubelet's, too
    return {
        "kind": "KubeletConfiguration",
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(server / "authority.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(server / "server.crt"),
        "tlsPrivateKeyFile": str(server / "server.key"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": own.group,
        "failCgroupV1": False,
        "failSwapOn": False,
        "featureGates": {"KubeletInUserNamespace": True},  # no limits are raised
        "clusterDNS": [NAMES],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{own.socket}",
        "resolvConf": "",
        "podLogsDir": str(folder / "pods"),
        "syncFrequency": "5s",  # pods soon have what has changed in a Secret
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "systemReserved": {"memory": str(_whole() - own.memory)},
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
            "nodefs.inodesFree": "1%",
        },
        "evictionPressureTransitionPeriod": "30s",
        "enforceNodeAllocatable": ["pods"],
        "maxPods": 100,
    }


_CONTAINERD = """\
version = 2
root = "{folder}/containerd-data"
state = "{place}/state"
[grpc]
  address = "{place}/containerd.sock"
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
