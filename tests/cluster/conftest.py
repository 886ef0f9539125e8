from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.docker.image import OUT, ROOT, version
from tests.support.fetching import Missing
from tests.support.kube.api import ClusterApi
from tests.support.kube.district import KINDS, NAMESPACE, District
from tests.support.kube.earlier import IMAGE as EARLIER
from tests.support.kube.elsewhere import count_what_leaves
from tests.support.kube.engines import Proven, proven
from tests.support.kube.inside import ADDRESS
from tests.support.kube.node import cluster
from tests.support.kube.report import Report

GONE = ("--wait", "--cascade", "foreground", "--timeout", "5m")
IMAGE = f"localhost/tandem:{version()}"


@pytest.fixture(scope="session")
def folder() -> Path:
    """Of this run; its logs are left there."""
    if "node0" not in [name for _, name in socket.if_nameindex()]:
        pytest.exit(f"no machine of its own with {ADDRESS}: run `make cluster`", returncode=1)
    made = ROOT / ".local/cluster"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="session")
def report() -> Report:
    """What was measured, for docs/reliability.md; printed at the end."""
    return Report(OUT.parent / "cluster.md")


@pytest.fixture(scope="session")
def images() -> Mapping[str, Path]:
    """Name -> archive."""
    return {IMAGE: OUT / "tandem.tar", EARLIER: OUT / "tandem-earlier.tar"}


@pytest.fixture(scope="session")
def api(folder: Path, images: Mapping[str, Path], report: Report) -> Iterator[ClusterApi]:
    (folder / "node").mkdir()
    with ExitStack() as made:
        try:
            with report.row("a cluster of one node is ready"):
                api = made.enter_context(cluster(folder / "node", images))
            count_what_leaves()
        except Missing as error:
            pytest.exit(str(error), returncode=1)
        yield api


@pytest.fixture(scope="session")
def engines(api: ClusterApi, folder: Path) -> Iterator[Proven]:
    """A Kafka and a MongoDB that pods reach, who must show who they are."""
    with proven(folder / "engines") as started:
        yield started


@pytest.fixture(scope="session")
def district(api: ClusterApi, folder: Path, engines: Proven, report: Report) -> Iterator[District]:
    """The demo district, installed and seeded; uninstalled afterwards, which leaves nothing."""
    (folder / "local").mkdir()
    made = District(api, folder / "local", IMAGE, engines)
    made.prepare()
    with report.row("`helm install --wait`: two Jobs, then all pods ready"):
        made.helm("install")
    with report.row("the demo district, through the public API"):
        made.seed()
    yield made
    with report.row("`helm uninstall --wait` leaves what was there before, and no pod"):
        api.helm("uninstall", "tandem", "-n", NAMESPACE, *GONE)
    left = [
        (each["kind"], each["metadata"]["name"])
        for each in made.get(KINDS)
        if each["metadata"]["name"].startswith("tandem")
    ]
    assert {name for kind, name in left if kind != "Secret"} == set()
    assert all(name.endswith(("-mongodb", "-kafka")) for kind, name in left if kind == "Secret")
