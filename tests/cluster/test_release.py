"""A release on a cluster while its people work, who send nothing twice: whatever is done to it, no
request fails and no live change is missed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.kube import earlier
from tests.support.kube.api import Refused
from tests.support.kube.district import NAMESPACE, District
from tests.support.kube.report import Report


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


def test_every_service_answers_and_keeps_strangers_out(district: District) -> None:
    district.api.helm("test", "tandem", "-n", NAMESPACE, "--timeout", "5m")


def test_an_earlier_build_and_this_one_take_over_from_each_other(
    district: District, report: Report
) -> None:
    """Each with its own chart, old beside new for as long as it lasts."""
    what = "**every pod replaced by one of the build before, with its chart**"
    with district.unnoticed(report, what):
        district.helm("upgrade", chart=earlier.CHART, image=_image(district, earlier.IMAGE))
    assert images(district) == {earlier.IMAGE}
    with district.unnoticed(report, "**and by this one again**: `helm rollback --wait`"):
        told = ("--wait", "--timeout", "9m")
        district.api.helm("rollback", "tandem", "-n", NAMESPACE, *told)
    assert images(district) == {district.image}


def _image(district: District, name: str) -> Any:
    repository, _, tag = name.removeprefix("localhost/").partition(":")
    return {**district.values["image"], "repository": repository, "tag": tag}


def test_a_release_that_cannot_begin_goes_back_by_itself(
    district: District, report: Report
) -> None:
    told = ("--rollback-on-failure", "--timeout", "60s")
    lost = _image(district, "localhost/tandem:not-there")
    what = "pods whose image is not there: `--rollback-on-failure`"
    with district.unnoticed(report, what), pytest.raises(Refused):
        district.helm("upgrade", *told, image=lost, jobs={"as": "none"})
    assert images(district) == {district.image}


def test_a_job_that_fails_changes_no_pod(district: District, report: Report) -> None:
    """A name of a database that no schema knows to be wrong."""
    wrong = {"settings": {"MONGODB_DATABASE": "a/b"}}
    services = {**district.values["services"], "privacy": wrong}
    jobs = {"deadlineSeconds": 60}
    before = district.pods("privacy")
    what = "a Job of the upgrade that fails: no pod changes"
    with district.unnoticed(report, what), pytest.raises(Refused, match="pre-upgrade"):
        district.helm("upgrade", services=services, jobs=jobs)
    assert district.get("jobs") != []  # kept, to be looked at
    with report.row("the next upgrade, put right: no Job is left, no pod changes"):
        district.helm("upgrade")
    assert district.get("jobs") == []
    assert district.pods("privacy") == before


def test_a_projector_is_killed_and_another_goes_on(district: District, report: Report) -> None:
    (first, *_) = district.pods("insights", "background")
    with district.unnoticed(report, "a projector's pod deleted without grace"):
        district.kubectl("delete", "pod", first, "--grace-period=0", "--force")
        district.rolled_out("tandem-insights-background")


def test_a_pod_is_evicted_and_the_next_must_wait(district: District, report: Report) -> None:
    first, second = district.pods("goals")
    with district.unnoticed(report, "a pod of goals evicted; the other, at once, is refused"):
        evict(district, first)
        with pytest.raises(Refused, match="disruption budget"):
            evict(district, second)
        district.rolled_out("tandem-goals")
