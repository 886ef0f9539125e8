"""Kubernetes' own programs, built by Go from their modules, whose hashes are in `go/*/go.sum`: once
per user and version."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.fetching import Missing, caches

MODULES = Path(__file__).parent / "go"
KUBERNETES = "1.34.2"
_VERSIONS = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True)
class Program:
    module: str  # folder of MODULES
    package: str
    version: str


def _of_kubernetes(name: str) -> Program:
    return Program("kubernetes", f"k8s.io/kubernetes/cmd/{name}", KUBERNETES)


PROGRAMS = {
    name: _of_kubernetes(name)
    for name in (
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
        "kubelet",
    )
} | {
    "names": Program("network", "./names", "coredns-1.12.4"),
    "policies": Program("network", "./policies", "kube-router-2.1.0"),
}


def place(name: str) -> Path:
    """Where a program is once it has been built of what its folder says."""
    own = PROGRAMS[name]
    files = sorted(each for each in (MODULES / own.module).rglob("*") if each.is_file())
    asked = hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()[:8]
    return caches() / "kubernetes" / f"{name}-{own.version}-{asked}"


def program(name: str) -> Path:
    """A program, which is built unless it is there: minutes. Raises Missing."""
    found = place(name)
    if found.exists():
        return found
    found.parent.mkdir(parents=True, exist_ok=True)
    with (found.parent / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not found.exists():
            with tempfile.TemporaryDirectory(prefix="partial-", dir=found.parent) as partial:
                _build(PROGRAMS[name], Path(partial, name))
                Path(partial, name).replace(found)
    return found


def _build(asked: Program, into: Path) -> None:
    if shutil.which("go") is None:
        raise Missing("go is missing: Go 1.24 or newer builds Kubernetes")
    sys.stderr.write(f"building {into.name} {asked.version}, once: minutes ...\n")
    told = " ".join(f"-X {package}.gitVersion=v{asked.version}" for package in _VERSIONS)
    command = [
        "go",
        "build",
        "-mod=readonly",
        "-buildvcs=false",
        "-trimpath",
        "-ldflags",
        f"-s -w {told}",
    ]
    done = subprocess.run(
        [*command, "-o", into, asked.package],
        cwd=MODULES / asked.module,
        env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip() or "it says nothing").splitlines()[-1]
        raise Missing(f"go cannot build {into.name}: {last}")
