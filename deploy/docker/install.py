"""In the build of the image: what stands in /opt/tandem, the same bytes each time.

`wheels`: the dependencies, each with the hash that the lock has for it. `code`: our own, which the
Dockerfile has put there. Python alone is needed, and no shell.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

LIB = Path("/opt/tandem/lib")
CODE = Path("/opt/tandem/code")


def install_wheels() -> None:
    venv.create("/src/pip", with_pip=True)  # the base itself may have none
    options = "--no-index --find-links /wheelhouse --require-hashes --only-binary :all: --no-deps"
    quiet = "-q --disable-pip-version-check --root-user-action ignore --no-compile"
    pip = ["/src/pip/bin/python", "-m", "pip", "install", *options.split(), *quiet.split()]
    subprocess.run([*pip, "--target", LIB, "-r", "requirements/services.lock"], check=True)
    shutil.rmtree(LIB / "bin", ignore_errors=True)  # commands that name /src/pip


def settle(folder: Path) -> None:
    """Give all files the same modes, whatever those of a checkout were, and compile the code: by
    its hash, which nobody checks in an image, and in one order."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    compiled = "-m compileall -q -j 1 --invalidation-mode unchecked-hash".split()
    seeded = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([sys.executable, *compiled, folder], env=seeded, check=True)


if __name__ == "__main__":
    if sys.argv[1] == "wheels":
        install_wheels()
        settle(LIB)
    else:
        settle(CODE)
