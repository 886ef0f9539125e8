"""`python -m tests.support.kube.inside COMMAND...`: runs a command as on a machine of its own.

It sees a network without a way out, its own processes, and a /run of its own; what it writes to
/var is nobody else's. Kernel settings are those of the whole machine, which it cannot change. All
that it has left running ends with it. The exit code is the command's. Needs root and Linux's
unshare.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ADDRESS = "198.18.255.1"  # of a range that is for measurements: nobody else's
UNSHARE = "unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private"
# kubelet writes them, unless they are what it wants: shown to be, and not changed.
WANTED = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}
GROUPS = Path("/sys/fs/cgroup")
OTHER_GROUP = "other-node"  # of a second node's pods
BEGUN = "--begun"


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == [BEGUN]:
        _furnish()
        return _waited([*arguments[1:]])
    if os.geteuid():
        sys.stderr.write("not root: a cluster needs namespaces and control groups\n")
        return 1
    me = [sys.executable, "-m", "tests.support.kube.inside", BEGUN]
    code = _waited([*UNSHARE.split(), *me, *arguments])
    _forget_pods()
    return code


def _waited(command: Sequence[str]) -> int:
    """The exit code of a command, which hears of Ctrl-C by itself."""
    with subprocess.Popen(command) as running:
        while True:
            try:
                return running.wait()
            except KeyboardInterrupt:
                continue


def _furnish() -> None:
    def run(line: str) -> None:
        subprocess.run(line.split(), check=True)

    run("mount -t tmpfs tmpfs /run")
    for name in ("containerd", "netns", "lock", "var", "var-work"):
        Path("/run", name).mkdir()
    # what the node remembers of its pods and their network
    run("mount -t overlay -o lowerdir=/var,upperdir=/run/var,workdir=/run/var-work overlay /var")
    for place in ("/proc/sys", "/proc/sys/net"):
        run(f"mount --bind {place} {place}")
    run("mount -o remount,ro,bind /proc/sys")
    run("mount -o remount,rw,bind /proc/sys/net")  # the network is its own
    for number, (name, value) in enumerate(WANTED.items()):
        shown = Path(f"/run/setting-{number}")
        shown.write_text(f"{value}\n")
        run(f"mount --bind {shown} /proc/sys/{name}")
    # nobody answers for names here: what an engine asks of its own address must not wait for that
    for name, told in (("hosts", f"127.0.0.1 localhost\n{ADDRESS} node\n"), ("resolv.conf", "")):
        Path("/run", name).write_text(told)
        run(f"mount --bind /run/{name} {Path('/etc', name).resolve()}")
    run("mount --make-rshared /")
    run("ip link set lo up")
    run("ip link add node0 type bridge")
    run(f"ip address add {ADDRESS}/24 dev node0")
    run("ip link set node0 up")
    run(f"ip route add default via {ADDRESS}")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def _forget_pods() -> None:
    """kubelet's control groups, which are empty now."""
    for name in ("kubepods", OTHER_GROUP):
        for group in sorted(GROUPS.glob(f"*/{name}"), reverse=True):
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
