"""A release on a cluster while its people work, who send nothing twice: whatever is done to it, no
request fails and no live change is missed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.kube.api import Refused
from tests.support.kube.district import NAMESPACE, District
from tests.support.kube.node import tag
from tests.support.kube.report import Report


def assert_nobody_noticed(report: dict[str, Any]) -> None:
    assert report["sent"] > 100
    assert report["errors"] == {}
    assert report["changes_seen"] > 50
    assert report["changes_missed"] == 0


def images(district: District) -> set[str]:
    found = district.get("pods", "-l", "app.kubernetes.io/name=tandem")
    return {each["spec"]["containers"][0]["image"] for each in found
            if "deletionTimestamp" not in each["metadata"]}  # fmt: skip


def evict(district: District, pod: str) -> None:
    """As the drain of a node does. Raises Refused where its budget does not allow it."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": NAMESPACE},
    }
    place = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/eviction"
    district.api.kubectl("create", "--raw", place, "-f", "-", objects=[body])


def rolled_out(district: District, name: str) -> None:
    district.kubectl("rollout", "status", f"deploy/{name}", "--timeout=240s")


def test_every_service_answers_and_keeps_strangers_out(district: District) -> None:
    district.api.helm("test", "tandem", "-n", NAMESPACE, "--timeout", "5m")


def test_all_services_are_upgraded_to_another_image(district: District, report: Report) -> None:
    newer = district.image.replace(":", ":next-")
    tag(district.image, newer)
    with report.row("**every pod replaced by one of another image**") as row:
        with district.at_work() as said:
            district.helm("upgrade", image=_image(district, newer))
        row.load(said)
    assert_nobody_noticed(said)
    assert images(district) == {newer}
    with report.row("and back: `helm rollback --wait`") as row:
        with district.at_work() as said:
            told = ("--wait", "--timeout", "9m")
            district.api.helm("rollback", "tandem", "-n", NAMESPACE, *told)
        row.load(said)
    assert_nobody_noticed(said)
    assert images(district) == {district.image}


def _image(district: District, name: str) -> Any:
    return {**district.values["image"], "tag": name.rpartition(":")[2]}


def test_a_release_that_cannot_begin_goes_back_by_itself(
    district: District, report: Report
) -> None:
    told = ("--rollback-on-failure", "--timeout", "60s")
    lost = _image(district, "tandem:not-there")
    with report.row("pods whose image is not there: `--rollback-on-failure`") as row:
        with district.at_work() as said, pytest.raises(Refused):
            district.helm("upgrade", *told, image=lost, jobs={"as": "none"})
        row.load(said)
    assert_nobody_noticed(said)
    assert images(district) == {district.image}


def test_a_job_that_fails_changes_no_pod(district: District, report: Report) -> None:
    """A name of a database that no schema knows to be wrong."""
    wrong = {"settings": {"MONGODB_DATABASE": "a/b"}}
    services = {**district.values["services"], "privacy": wrong}
    jobs = {"deadlineSeconds": 60}
    before = district.pods("privacy")
    with report.row("a Job of the upgrade that fails: no pod changes") as row:
        with district.at_work() as said, pytest.raises(Refused, match="pre-upgrade"):
            district.helm("upgrade", services=services, jobs=jobs)
        row.load(said)
    assert_nobody_noticed(said)
    assert district.get("jobs") != []  # kept, to be looked at
    with report.row("the next upgrade, put right: no Job is left, no pod changes"):
        district.helm("upgrade")
    assert district.get("jobs") == []
    assert district.pods("privacy") == before


def test_a_projector_is_killed_and_another_goes_on(district: District, report: Report) -> None:
    (first, *_) = district.pods("insights", "background")
    with report.row("a projector's pod deleted without grace") as row:
        with district.at_work() as said:
            district.kubectl("delete", "pod", first, "--grace-period=0", "--force")
            rolled_out(district, "tandem-insights-background")
        row.load(said)
    assert_nobody_noticed(said)


def test_a_pod_is_evicted_and_the_next_must_wait(district: District, report: Report) -> None:
    first, second = district.pods("goals")
    with report.row("a pod of goals evicted; the other, at once, is refused") as row:
        with district.at_work() as said:
            evict(district, first)
            with pytest.raises(Refused, match="disruption budget"):
                evict(district, second)
            rolled_out(district, "tandem-goals")
        row.load(said)
    assert_nobody_noticed(said)
