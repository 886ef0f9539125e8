from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.fetching import Missing
from tests.support.kube.api import ClusterApi
from tests.support.kube.control import control_plane
from tests.support.kube.definitions import definitions
from tests.support.kube.programs import KUBERNETES

POLICY = "pod-security.kubernetes.io"
RELEASE = f"v{KUBERNETES.rpartition('.')[0]}"


@pytest.fixture(scope="session")
def api() -> Iterator[ClusterApi]:
    """An API server that knows the custom resources that the chart uses, as its owner."""
    with tempfile.TemporaryDirectory(prefix="tandem-api-") as folder:
        try:
            theirs = list(definitions())
            with control_plane(Path(folder)) as made:
                made.kubectl("apply", "--server-side", "-f", "-", objects=theirs)
                names = [f"crd/{each['metadata']['name']}" for each in theirs]
                made.kubectl("wait", "--for", "condition=established", *names, "--timeout=60s")
                yield made
        except Missing as error:
            pytest.exit(str(error), returncode=1)


@pytest.fixture
def namespace(api: ClusterApi) -> str:
    """A namespace that enforces the strictest pod security, and warns of what breaks it."""
    name = f"coaching-{uuid4().hex[:8]}"
    labels = {f"{POLICY}/{what}": "restricted" for what in ("enforce", "warn")}
    labels[f"{POLICY}/enforce-version"] = RELEASE
    metadata = {"name": name, "labels": labels}
    account = {"name": "default", "namespace": name}  # a controller would make it
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
    ]
    api.kubectl("create", "-f", "-", objects=objects)
    return name
