"""Rosters come by the chart's CronJobs, pulled from a server and left in a volume, and a Job that
is killed half way is begun anew."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.ctl.local import keys
from tests.support.kube.district import KEYS, NAMESPACE, District, secret
from tests.support.kube.inside import ADDRESS
from tests.support.kube.report import Report
from tests.support.kube.rosters import POD_USER, SIS, TOKENS, night, volume
from tests.support.oneroster_http import ROSTERING, Served
from tests.support.oneroster_server import CLIENT, SECRET, OneRosterServer, rest_of
from tests.support.roster_files import good_files, zipped
from tests.support.waiting import eventually

PULLED, LEFT = "maple", "cedar"
MINUTES = 240  # a minute until its turn, and room for a busy machine
HERE = {"ipBlock": {"cidr": f"{ADDRESS}/32"}}
STAFF = {"admin-1", "coach-1", "teacher-1", "teacher-2"}


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(OneRosterServer(rest_of(good_files()), most=2))


@pytest.fixture(scope="module")
def left(district: District) -> Path:
    """The folder that is a volume of pods."""
    folder = district.folder / "left"
    folder.mkdir()
    os.chown(folder, POD_USER, POD_USER)
    return folder


@pytest.fixture(scope="module", autouse=True)
def two_more(district: District, served: Served, left: Path) -> Iterator[None]:
    """Districts whose rosters come by themselves, until these tests are over."""
    rosters = [secret(f"{each}-rosters", client_secret="any", oneroster_secret=SECRET)
               for each in (PULLED, LEFT)]  # fmt: skip
    objects = [*rosters, *volume(LEFT, left)]
    district.api.kubectl("create", "-n", NAMESPACE, "-f", "-", objects=objects)
    with night(district.folder / "keys", served):
        district.helm("upgrade", **values(district))
        yield
    district.helm("upgrade")
    district.api.kubectl("delete", "-n", NAMESPACE, "-f", "-", objects=objects)
    shutil.rmtree(left)


def values(district: District) -> dict[str, Any]:
    """What a district writes down for them, as docs/roster.md has it."""
    at = f"http://{ADDRESS}:{SIS}"
    sis = {"url": f"{at}{ROSTERING}", "token_url": f"{at}/token", "client_id": CLIENT}
    sis["client_secret_file"] = "/etc/tandem/rosters/oneroster_secret"
    each = {"time_zone": "America/Chicago"}
    more = {
        PULLED: {**each, "issuers": keys.issuers(KEYS, PULLED), "oneroster": sis},
        LEFT: {**each, "issuers": keys.issuers(KEYS, LEFT)},
    }
    pull, folder = told(PULLED), told(LEFT)
    pull |= {"to": [HERE], "ports": [SIS]}
    issuers = {"to": [HERE], "ports": [TOKENS]}
    return {
        "districts": {**district.values["districts"], **more},
        "rosters": {"pulls": [pull], "folders": [{**folder, "claim": LEFT}]},
        "networkPolicy": {**district.values["networkPolicy"], "issuers": issuers},
    }


def told(name: str) -> dict[str, Any]:
    at = f"http://{ADDRESS}:{TOKENS}/{name}"
    every = {"district": name, "schedule": "* * * * *"}
    return {**every, "tokenUrl": at, "clientId": "rosters", "secret": f"{name}-rosters"}


def staff(district: District, name: str) -> set[str]:
    """Who is in a district's roster, by the public API."""
    token = keys.sign(district.folder / "keys", name, "look", ("roster.read",))
    url = f"http://127.0.0.1:{district.ports['roster'].rest}/roster/v1/people"
    answer = httpx2.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return {each["person_id"] for each in answer.raise_for_status().json()["people"]}


def jobs(district: District, kind: str) -> list[Any]:
    """Those of a CronJob, the oldest first."""
    found = [
        each
        for each in district.get("jobs")
        if each["metadata"]["name"].startswith(f"tandem-{kind}-")
    ]
    return sorted(found, key=lambda each: str(each["metadata"]["creationTimestamp"]))


def one_succeeded(district: District, kind: str) -> bool:
    return any(each["status"].get("succeeded") for each in jobs(district, kind))


def test_a_roster_is_pulled_at_its_minute_though_its_pod_is_killed(
    district: District, served: Served, report: Report
) -> None:
    served.quiet_after = len(served.server.asked) + 5
    with report.row("a roster is pulled by its CronJob, its first pod killed half way") as row:
        asyncio.run(eventually(served.stuck.is_set, MINUTES))
        cut = ("-l", "app.kubernetes.io/component=roster-pull")
        district.kubectl("delete", "pods", *cut, "--grace-period=0", "--force")
        assert staff(district, PULLED) == set()
        served.quiet_after = 1_000_000
        asyncio.run(eventually(lambda: one_succeeded(district, "pull"), MINUTES))
        row.result = f"{len(served.server.asked)} pages asked"
    assert staff(district, PULLED) == STAFF


def test_a_file_that_is_left_is_imported_at_its_minute(
    district: District, left: Path, report: Report
) -> None:
    with report.row("a file left in a volume is imported by its CronJob"):
        leave(left, "night.zip", zipped(good_files()))
        asyncio.run(eventually(lambda: not (left / "night.zip").exists(), MINUTES))
        assert len(list((left / "imported").glob("*-night.zip"))) == 1
        asyncio.run(eventually(lambda: one_succeeded(district, "folder"), MINUTES))
    assert staff(district, LEFT) == STAFF


def test_a_file_that_is_none_fails_a_job_and_is_not_tried_again(
    district: District, left: Path, report: Report
) -> None:
    def failed() -> list[Any]:
        return [each for each in jobs(district, "folder") if each["status"].get("failed")]

    assert failed() == []
    with report.row("a file that is no roster fails a Job at once, once; who was there is there"):
        leave(left, "broken.zip", b"PK no zip")
        asyncio.run(eventually(lambda: bool(failed()), MINUTES))
        (job,) = failed()
        assert job["status"]["failed"] == 1
        conditions = {each["type"]: each["reason"] for each in job["status"]["conditions"]}
        assert conditions["Failed"] == "PodFailurePolicy"
        assert len(list((left / "refused").glob("*-broken.zip"))) == 1
    assert staff(district, LEFT) == STAFF


def leave(folder: Path, name: str, content: bytes) -> None:
    """Whole at once, as by an SFTP server that renames what has arrived."""
    arriving = folder / f"{name}.part"
    arriving.write_bytes(content)
    os.chown(arriving, POD_USER, POD_USER)
    arriving.rename(folder / name)
