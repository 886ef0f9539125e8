"""The build before this one: the commit before the last that has changed what an image holds, with
its chart."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile

from deploy.docker.image import ROOT, Built, CannotBuild, Source, build, version

TREE = ROOT / ".local/earlier"
CHART = TREE / "deploy/helm/tandem"
IMAGE = f"localhost/tandem-earlier:{version()}"
HELD = ("services", "clients/python/coaching", "requirements/services.lock")


def earlier() -> Built:
    """Its image; its files are left in TREE. Raises CannotBuild."""
    told = _git("log", "-1", "--skip=1", "--format=%H %ct", "--", *HELD).decode().split()
    if len(told) != 2:
        raise CannotBuild("there is no earlier commit to upgrade from: fetch the whole history")
    commit, seconds = told
    shutil.rmtree(TREE, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as files:
        files.extractall(TREE, filter="data")
    return build("tandem-earlier", source=Source(TREE, commit, seconds))


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise CannotBuild("this is no checkout: an upgrade needs an earlier commit")
    return done.stdout
