"""Nothing leaves the pods of a release but to what values name, and nothing else comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.support.kube.district import District
from tests.support.kube.elsewhere import ADDRESS as AWAY
from tests.support.kube.elsewhere import ALL, REACH, elsewhere, left, reached_from_there
from tests.support.kube.engines import KAFKA, MONGODB
from tests.support.kube.inside import ADDRESS
from tests.support.kube.node import NAMES, confined
from tests.support.kube.report import Report

ENGINES = [f"{ADDRESS}:{KAFKA}", f"{ADDRESS}:{MONGODB}"]
ISSUER = f"{AWAY}:443"
LISTENS = "import socket; s = socket.create_server(('', 8080)); [s.accept() for _ in iter(int, 1)]"
REST, GRPC, INTERNAL = 8080, 9090, 8081


@pytest.fixture(scope="module", autouse=True)
def away() -> Iterator[None]:
    with elsewhere():
        yield


@pytest.fixture(scope="module")
def free(district: District) -> Iterator[Any]:
    """A pod that no policy is about, in a namespace without any."""
    pod = confined("free", district.image, LISTENS)
    district.api.kubectl("create", "-f", "-", objects=[pod])
    district.api.kubectl("wait", "--for=condition=ready", "pod/free", "--timeout=120s")
    (found,) = district.api.get("pod", "free")
    yield found
    district.api.kubectl("delete", "pod", "free", "--now")


def one_of_each(district: District) -> list[Any]:
    """A pod of each Deployment."""
    found = {}
    for each in district.parts():
        labels = each["metadata"]["labels"]
        found[labels["app.kubernetes.io/component"], labels["tandem.part"]] = each
    return list(found.values())


def engines_of(pod: Any) -> set[str]:
    """What it uses: APIs that publish nothing do not use Kafka."""
    logs = pod["metadata"]["labels"]["tandem.logs"] == "true"
    return {*ENGINES} if logs else {f"{ADDRESS}:{MONGODB}"}


def opened(district: District, pod: Any, targets: Sequence[str]) -> set[str]:
    """Which of them a pod reaches."""
    metadata = pod["metadata"]
    place = ("-n", metadata["namespace"], "exec", metadata["name"], "--", "python3.11", "-c")
    said: dict[str, bool] = json.loads(district.api.kubectl(*place, REACH, *targets).out)
    return {target for target, is_open in said.items() if is_open}


def test_nothing_leaves_but_to_the_engines_and_for_names(
    district: District, free: Any, report: Report
) -> None:
    with report.row("before anybody tries: no packet of any pod was sent to elsewhere"):
        assert left() == 0
    names = [f"{NAMES}:53"]
    others = [f"{ADDRESS}:9092", f"{ADDRESS}:10250"]
    what = "a pod of each Deployment reaches its engines and names; of a machine elsewhere nothing"
    with report.row(f"{what}, where a pod without policies reaches all") as row:
        assert opened(district, free, [*ALL, *ENGINES, *others]) == {*ALL, *ENGINES, *others}
        assert left() > 0
        pods = one_of_each(district)
        for pod in pods:
            found = opened(district, pod, [*ALL, *ENGINES, *names, *others])
            assert found == {*engines_of(pod), *names}, pod["metadata"]["name"]
        row.result = f"{len(pods)} pods"


def test_what_values_name_is_reached_by_those_who_need_it(
    district: District, report: Report
) -> None:
    issuers = {"to": [{"ipBlock": {"cidr": f"{AWAY}/32"}}], "ports": [443]}
    policy = {**district.values["networkPolicy"], "issuers": issuers}
    none = {"as": "none"}
    with report.row("issuers named there: APIs reach that port of it, others none; and back"):
        district.helm("upgrade", networkPolicy=policy, jobs=none)
        for pod in one_of_each(district):
            serves = pod["metadata"]["labels"]["tandem.serves"] == "true"
            expected = {*engines_of(pod), ISSUER} if serves else engines_of(pod)
            assert opened_soon(district, pod, expected) == expected, pod["metadata"]["name"]
        district.helm("upgrade", jobs=none)
        for pod in one_of_each(district):
            expected = engines_of(pod)
            assert opened_soon(district, pod, expected) == expected, pod["metadata"]["name"]


def opened_soon(district: District, pod: Any, expected: set[str]) -> set[str]:
    """Once they are what is expected, or of ten: policies follow within seconds."""
    found: set[str] = set()
    for _ in range(10):
        found = opened(district, pod, [*ALL, *ENGINES])
        if found == expected:
            break
    return found


def test_nobody_from_elsewhere_comes_in(district: District, free: Any, report: Report) -> None:
    what = "from a machine elsewhere no port of any pod of the release is reached"
    with report.row(f"{what}, where that of a pod without policies is") as row:
        assert all(reached_from_there([f"{free['status']['podIP']}:{REST}"]).values())
        pods = one_of_each(district)
        for pod in pods:
            places = [f"{pod['status']['podIP']}:{port}" for port in (REST, GRPC, INTERNAL)]
            assert not any(reached_from_there(places).values()), pod["metadata"]["name"]
        row.result = f"{len(pods)} pods"
