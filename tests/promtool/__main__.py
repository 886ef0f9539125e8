"""`python -m tests.promtool`: unless there is a promtool, that of Debian's package `prometheus`,
into .venv/promtool: downloaded by apt and unpacked, not installed. Exit code 1 where it cannot be
had."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.promtool import HOME, UNPACKED, promtool

SECONDS = 120


def main() -> int:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return 1
    with tempfile.TemporaryDirectory() as folder:
        try:
            _run("apt-get", "download", "-q", "prometheus", cwd=folder)
            (package,) = Path(folder).glob("prometheus_*.deb")
            _run("dpkg-deb", "-x", str(package), folder, cwd=folder)
            UNPACKED.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(folder) / UNPACKED.relative_to(HOME), UNPACKED)
        except (subprocess.SubprocessError, OSError, ValueError):
            return 1
    return 0


def _run(*command: str, cwd: str) -> None:
    subprocess.run(command, cwd=cwd, check=True, timeout=SECONDS, capture_output=True)


if __name__ == "__main__":
    sys.exit(0 if promtool() else main())
