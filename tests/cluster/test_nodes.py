"""A second node beside the first: each is drained while people work, and one runs out of memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.kube.control import NODE
from tests.support.kube.district import District
from tests.support.kube.inside import GROUPS
from tests.support.kube.node import confined
from tests.support.kube.report import Report
from tests.support.kube.second import SECOND, second
from tests.support.waiting import eventually

SECONDS = 300
LEFT = 300 << 20
# Takes memory at once, then more of it by and by.
GREEDY = """
import mmap, threading
held = []
def take(size):
    held.append(mmap.mmap(-1, size))
    for place in range(0, size, 4096):
        held[-1][place] = 1
take({size})
while True:
    take(4 << 20)
    threading.Event().wait(1)
"""


@pytest.fixture(scope="module", autouse=True)
def two_nodes(
    district: District, folder: Path, images: Mapping[str, Path], report: Report
) -> Iterator[None]:
    """With two pods of every Deployment, spread over both; as before afterwards."""
    with ExitStack() as made:
        with report.row("a second node is ready"):
            made.enter_context(second(folder / "second", district.api, images))
        twice = {**district.values["workloads"]["all"], "replicas": 2}
        workloads = {**district.values["workloads"], "all": twice}
        with report.row("a second pod of each Deployment, on the node where none is"):
            district.helm("upgrade", workloads=workloads)
        yield
        drain(district, SECOND.name)
        district.helm("upgrade")


def placed(district: District) -> dict[str, set[str]]:
    """Where the pods of each Deployment are."""
    found: dict[str, set[str]] = {}
    for each in district.parts():
        labels = each["metadata"]["labels"]
        name = f"{labels['app.kubernetes.io/component']}-{labels['tandem.part']}"
        found.setdefault(name, set()).add(each["spec"]["nodeName"])
    return found


def drain(district: District, name: str) -> None:
    """As one does before a node is turned off. Returns once all that it had is somewhere else."""
    district.api.kubectl("drain", name, "--delete-emptydir-data", "--timeout=9m")
    for each in district.deployments():
        district.rolled_out(each)


@pytest.mark.parametrize(("name", "other"), [(SECOND.name, NODE), (NODE, SECOND.name)])
def test_a_node_is_drained_and_the_other_has_all(
    name: str, other: str, district: District, report: Report
) -> None:
    before = placed(district)
    assert any(name in nodes for nodes in before.values())
    with district.unnoticed(report, f"**{name} drained, of two**"):
        drain(district, name)
    assert placed(district) == {each: {other} for each in before}
    district.api.kubectl("uncordon", name)


def test_a_node_without_memory_takes_it_from_who_asked_for_none(
    district: District, report: Report
) -> None:
    """Tandem's pods ask for what they use: the node ends others first."""
    with report.row("pods of both nodes again, by `kubectl rollout restart`"):
        district.kubectl("rollout", "restart", "deployment")
        for each in district.deployments():
            district.rolled_out(each)
    assert any(SECOND.name in nodes for nodes in placed(district).values())
    before = district.restarts()
    greedy = confined("greedy", district.image, GREEDY.format(size=_free() - LEFT))
    greedy["spec"]["nodeName"] = SECOND.name
    with district.unnoticed(report, "a node is out of memory: who asked for none is evicted"):
        district.api.kubectl("create", "-f", "-", objects=[greedy])
        # before the pod is told to have failed: the node says for 30 s what it has seen, and the
        # end of a pod of this size takes long
        asyncio.run(eventually(lambda: _pressed(district), SECONDS))
        asyncio.run(
            eventually(lambda: _status(district, "pod", "greedy")["phase"] == "Failed", SECONDS)
        )
        assert _status(district, "pod", "greedy")["reason"] == "Evicted"
        asyncio.run(eventually(lambda: not _pressed(district), SECONDS))
    district.api.kubectl("delete", "pod", "greedy", "--now")
    assert district.restarts() == before


def _free() -> int:
    """Bytes that the pods of the second node may have beyond what they have."""
    told = (GROUPS / "memory" / SECOND.network / "kubepods/memory.stat").read_text().split()
    return SECOND.memory - int(told[told.index("total_rss") + 1])


def _status(district: District, *what: str) -> Any:
    (found,) = district.api.get(*what)
    return found["status"]


def _pressed(district: District) -> bool:
    conditions = _status(district, "node", SECOND.name)["conditions"]
    return any(each["type"] == "MemoryPressure" and each["status"] == "True" for each in conditions)
