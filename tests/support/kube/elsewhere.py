"""A machine that no values name, in a network of its own behind the node: what a pod sends there
has left the cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.kube.node import PODS

ADDRESS, GATEWAY = "203.0.113.7", "203.0.113.1"  # of a network that stands in documents only
TCP = (80, 443, 9093, 27017)
UDP = 53
INSIDE = "198.18.0.0/15"
# Takes connections at each port, and answers what comes at the one of UDP.
_SERVES = """
import selectors, socket, sys
chosen = selectors.DefaultSelector()
for port in map(int, sys.argv[2:]):
    chosen.register(socket.create_server(("0.0.0.0", port)), selectors.EVENT_READ)
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(("0.0.0.0", int(sys.argv[1])))
chosen.register(names, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in chosen.select():
        if key.fileobj is names:
            names.sendto(*names.recvfrom(100))
        else:
            key.fileobj.accept()[0].close()
"""
# Which of host:port, or host:port/udp, answer.
REACH = """
import json, socket, sys
found = {}
for target in sys.argv[1:]:
    place, _, kind = target.partition("/")
    host, _, port = place.rpartition(":")
    try:
        if kind:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
                asks.settimeout(2)
                asks.connect((host, int(port)))
                asks.send(b"?")
                asks.recv(1)
        else:
            socket.create_connection((host, int(port)), timeout=2).close()
        found[target] = True
    except OSError:
        found[target] = False
print(json.dumps(found))
"""
ALL = [*(f"{ADDRESS}:{port}" for port in TCP), f"{ADDRESS}:{UDP}/udp"]


@contextmanager
def elsewhere() -> Iterator[None]:
    """Gone afterwards."""
    for line in (
        "ip netns add elsewhere",
        "ip link add away0 type veth peer name eth0 netns elsewhere",
        f"ip address add {GATEWAY}/24 dev away0",
        "ip link set away0 up",
        f"ip -n elsewhere address add {ADDRESS}/24 dev eth0",
        "ip -n elsewhere link set eth0 up",
        f"ip -n elsewhere route add default via {GATEWAY}",
    ):
        subprocess.run(line.split(), check=True)
    command = [*_THERE, _SERVES, str(UDP), *map(str, TCP)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            serving.kill()
            subprocess.run(["ip", "netns", "delete", "elsewhere"], check=True)


_THERE = ["ip", "netns", "exec", "elsewhere", sys.executable, "-c"]


def reached_from_there(targets: Sequence[str]) -> dict[str, bool]:
    said = subprocess.run([*_THERE, REACH, *targets], check=True, capture_output=True, text=True)
    found: dict[str, bool] = json.loads(said.stdout)
    return found


def count_what_leaves() -> None:
    """From now on."""
    subprocess.run([*_LEAVING[:3], "-I", "PREROUTING", *_LEAVING[3:]], check=True)


def left() -> int:
    """How many packets pods have sent to elsewhere, whether or not they got there."""
    told = subprocess.run(
        [*_LEAVING[:3], "-nvxL", "PREROUTING"], check=True, capture_output=True, text=True
    ).stdout
    (line,) = [each for each in told.splitlines() if f"!{INSIDE}" in each]
    return int(line.split()[0])


_LEAVING = ["iptables", "-t", "mangle", "-s", PODS, "!", "-d", INSIDE]
