"""A second node on the same machine: with a network of its own, which reaches the first one's as
over a wire, and with control groups of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.kube.api import ClusterApi
from tests.support.kube.control import OTHER_NODE
from tests.support.kube.inside import ADDRESS, GROUPS, OTHER_GROUP
from tests.support.kube.node import Node, node

NETWORK = OTHER_GROUP
SECOND = Node(
    OTHER_NODE,
    "198.18.255.2",
    "198.18.1.0/24",
    "other",
    Path("/run/containerd-other"),
    NETWORK,
    3 << 30,
)


@contextmanager
def second(folder: Path, api: ClusterApi, images: Mapping[str, Path]) -> Iterator[Node]:
    """Ready; the cluster does not know it afterwards. Raises Missing."""
    folder.mkdir()
    SECOND.place.mkdir()
    for group in GROUPS.iterdir():
        if group.is_dir() and not group.is_symlink():
            (group / OTHER_GROUP).mkdir(exist_ok=True)
    with _wired():
        try:
            with node(folder, SECOND, api, images):
                yield SECOND
        finally:
            api.kubectl("delete", "node", SECOND.name, "--ignore-not-found")


@contextmanager
def _wired() -> Iterator[None]:
    """Pods of either node reach those of the other, with the addresses that they have."""
    there = f"ip -n {NETWORK}"
    for line in (
        f"ip netns add {NETWORK}",
        f"ip link add {NETWORK} type veth peer name eth0 netns {NETWORK}",
        f"ip link set {NETWORK} master node0 up",
        f"{there} link set lo up",
        f"{there} address add {SECOND.address}/24 dev eth0",
        f"{there} link set eth0 up",
        f"{there} route add default via {ADDRESS}",
        f"ip route add {SECOND.pods} via {SECOND.address}",
        f"ip netns exec {NETWORK} sysctl -qw net.ipv4.ip_forward=1",
    ):
        subprocess.run(line.split(), check=True)
    try:
        yield
    finally:
        for line in (f"ip route delete {SECOND.pods}", f"ip netns delete {NETWORK}"):
            subprocess.run(line.split(), check=True)
