"""Wheels that are never installed: fetched once, where their SHA-256 are those of a lock."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

FETCH_SECONDS = 180


class Missing(Exception):
    """Something that tests need cannot be had: one line that says what."""


def caches() -> Path:
    """Where things are kept for all of this user's runs."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tandem"


def unpacked(lock: Path, unpack: Callable[[Path, Path], None]) -> Path:
    """The folder of what `unpack` makes of the wheels of `lock`: it is told where they are, and
    where to put it. Blocks while they are fetched; a second process waits for the first. Raises
    Missing."""
    place = caches() / lock.stem
    folder = place / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(prefix="partial-", dir=place) as partial:
                wheels, made = Path(partial, "wheels"), Path(partial, "made")
                made.mkdir()
                _fetch(lock, wheels)
                unpack(wheels, made)
                made.replace(folder)
    return folder


def _fetch(lock: Path, into: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "-r", str(lock), "-d", str(into)]
    if subprocess.run(command, timeout=FETCH_SECONDS).returncode:
        raise Missing(f"pip cannot fetch the wheels of {lock.name}")


def from_debian(package: str, file: str, into: Path) -> Path:
    """`into`, a file of a package that apt downloads, unless it is there; nothing is installed.
    Raises Missing."""
    if into.exists():
        return into
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Missing(f"{Path(file).name} is missing, and so is apt to fetch it")
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=into.parent) as folder:
        try:
            _run("apt-get", "download", "-q", package, cwd=folder)
            (found,) = Path(folder).glob("*.deb")
            _run("dpkg-deb", "-x", str(found), folder, cwd=folder)
            (Path(folder) / file).replace(into)
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            raise Missing(f"apt cannot fetch the package {package}") from error
    return into


def _run(*command: str, cwd: str) -> None:
    subprocess.run(command, cwd=cwd, check=True, timeout=FETCH_SECONDS, capture_output=True)
