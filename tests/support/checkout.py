"""A bare checkout, as somebody has it who has just cloned the repository: what git keeps of this
one and nothing else, in an empty folder.

Its `.venv` is made as `make` makes one, but for the locked dependencies: they are those of this
Python, linked and not installed again, for that takes minutes and a registry.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("tandem-", "_tandem.pth", "__pycache__")  # of what is installed: it says where this one is


def cloned(home: Path) -> None:
    """A clone of HEAD, with what has changed since in files that git knows: one that was not added
    is not there. It can be run: `make` finds its `.venv` ready."""
    _run(ROOT, "git", "clone", "-q", "--depth", "1", ROOT.as_uri(), str(home))
    changed = subprocess.run(
        ["git", "diff", "--binary", "HEAD"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    if changed:
        subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=home, input=changed, check=True)
    _link_packages(home / ".venv")
    # the line of the Makefile that installs the checkout itself
    options = ("--no-deps", "--no-build-isolation", "-e", ".")
    python = str(home / ".venv/bin/python")
    _run(home, python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options)
    (home / ".venv/.ready").touch()


def _link_packages(there: Path) -> None:
    here = Path(sys.prefix)
    site = Path(sysconfig.get_path("purelib"))
    packages = there / site.relative_to(here)
    packages.mkdir(parents=True)
    (there / "bin").mkdir()
    (there / "bin/python").symlink_to(here / "bin/python")
    shutil.copy(here / "pyvenv.cfg", there)
    for each in site.iterdir():
        if not each.name.startswith(OURS):
            (packages / each.name).symlink_to(each)


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
